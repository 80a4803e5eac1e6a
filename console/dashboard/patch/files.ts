// The files that a person chooses: a policy, the file of its test cases, and the lists that those name. They are read in
// the page and sent nowhere.

/** The largest file that is read, in bytes: more than the largest policy that KV takes. */
export const MOST_BYTES = 26_000_000;

export interface NamedText {
  name: string;
  text: string;
}

export interface Files {
  policy: NamedText;
  cases?: NamedText;
  /** contents of lists, by file name */
  lists: Record<string, string>;
}

/** Sorts out which file is which. Why it cannot be done is a sentence. */
export function sorted(files: readonly NamedText[]): Files | string {
  const cases = files.filter(isCases);
  const policies = files.filter((file) => !isCases(file) && !/\.(txt|list)$/i.test(file.name));
  const [policy] = policies;
  if (policy === undefined) return "None of these files is a policy. Choose your policy.toml.";
  if (policies.length > 1) return "These are several policies. Choose one, with its test cases if you have them.";
  if (cases.length > 1) return "These are several files of test cases. Choose one of them.";
  const lists = files.filter((file) => file !== policy && !cases.includes(file)).map(({ name, text }) => [name, text]);
  return { policy, cases: cases[0], lists: Object.fromEntries(lists) };
}

/** No policy has a table `cases`. */
const isCases = ({ name, text }: NamedText) => /\.test\.toml$/i.test(name) || /^\s*\[\[\s*cases\s*\]\]/m.test(text);

/** Reads files as UTF-8. Why one cannot be read is a sentence. */
export async function read(files: Iterable<File>): Promise<NamedText[] | string> {
  const texts: NamedText[] = [];
  for (const file of files) {
    if (file.size > MOST_BYTES) return `The file ${file.name} is larger than any policy.`;
    try {
      const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      texts.push({ name: file.name, text: decoder.decode(await file.arrayBuffer()) });
    } catch (error) {
      if (error instanceof TypeError) return `The file ${file.name} is not text in UTF-8.`;
      return `The file ${file.name} cannot be read. Was it moved or changed since you chose it?`;
    }
  }
  return texts;
}
