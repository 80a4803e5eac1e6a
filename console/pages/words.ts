// How texts and queries become words. A name such as `encoded_slashes` or `Access-Control-Allow-Origin` is found as a whole
// and by its parts.

export interface Word {
  /** Where it begins in the text, and behind its end. */
  from: number;
  to: number;
  /** The forms by which it is found; the first is the whole. */
  forms: string[];
}

const WORD = /[\p{L}\p{M}\p{N}]+(?:[_.-][\p{L}\p{M}\p{N}]+)*/gu;
const PART = /[_.-]/;
const LONGEST = 64;
/** Too frequent to tell one section from another. */
const FREQUENT = new Set(
  (
    "a an and are as at be been but can could do does for from had has have how i if in into is it its me my of on or " +
    "our should so that the their them then there these they this those to was we were what when where which who why " +
    "will with would you your"
  ).split(" "),
);

/** Every word, the frequent ones too, in its order. */
export function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(WORD), ({ 0: found, index }) => {
    const whole = formOf(found);
    const parts = PART.test(found) ? found.split(PART).map(formOf) : [];
    return { from: index, to: index + found.length, forms: [...new Set([whole, ...parts])] };
  });
}

/** What is looked up for a text: the forms of its words without the frequent ones. */
export function termsOf(text: string): string[] {
  return wordsOf(text).flatMap(({ forms }) => forms.filter((form) => !isFrequent(form)));
}

export function isFrequent(form: string): boolean {
  return FREQUENT.has(form);
}

/** Lower case, and without the commonest endings of English, so that "rolling" is found by "roll". */
function formOf(word: string): string {
  const lower = word.slice(0, LONGEST).normalize("NFKC").toLowerCase();
  if (!/^[a-z]{5,}$/.test(lower)) return lower;
  if (lower.endsWith("ies")) return `${lower.slice(0, -3)}y`;
  return lower.replace(/(?<=[a-z]{4})(?:ing|ed)$|(?<![sui])s$/, "").replace(/(?<=[a-z]{4})e$/, "");
}
