// Punycode (RFC 3492), in one direction: `xn--` labels of a host as the letters that they stand for.

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const LAST_CODE_POINT = 0x10ffff;

/** The host with its `xn--` labels decoded, or undefined if none of them can be. */
export function unicodeHost(host: string): string | undefined {
  let decoded = false;
  const labels = host.split(".").map((label) => {
    if (!/^xn--/i.test(label)) return label;
    const letters = decode(label.slice(4).toLowerCase());
    if (letters === undefined) return label;
    decoded = true;
    return letters;
  });
  return decoded ? labels.join(".") : undefined;
}

/** Section 6.2. Undefined if the text is not Punycode. */
function decode(text: string): string | undefined {
  const delimiter = text.lastIndexOf("-");
  const output = delimiter > 0 ? [...text.slice(0, delimiter)].map((letter) => letter.codePointAt(0) ?? 0) : [];
  let position = delimiter > 0 ? delimiter + 1 : 0;
  let code = 128;
  let index = 0;
  let bias = 72;
  while (position < text.length) {
    const before = index;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = digitOf(text.charCodeAt(position));
      position += 1;
      // Beyond the last code point, nothing valid can follow.
      if (digit === undefined || digit * weight > 0x7fffffff) return undefined;
      index += digit * weight;
      const threshold = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const length = output.length + 1;
    bias = adapt(index - before, length, before === 0);
    code += Math.floor(index / length);
    index %= length;
    if (code > LAST_CODE_POINT || (code >= 0xd800 && code <= 0xdfff)) return undefined;
    output.splice(index, 0, code);
    index += 1;
  }
  return output.map((point) => String.fromCodePoint(point)).join("");
}

/** The value of a digit, by its character: `a` is 0, `0` is 26. Undefined at the end of the text. */
function digitOf(character: number): number | undefined {
  if (character >= 0x61 && character <= 0x7a) return character - 0x61;
  if (character >= 0x30 && character <= 0x39) return character - 0x30 + 26;
  return undefined;
}

/** Section 6.1. */
function adapt(delta: number, length: number, first: boolean): number {
  let rest = Math.floor(delta / (first ? DAMP : 2));
  rest += Math.floor(rest / length);
  let k = 0;
  while (rest > ((BASE - T_MIN) * T_MAX) / 2) {
    rest = Math.floor(rest / (BASE - T_MIN));
    k += BASE;
  }
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}
