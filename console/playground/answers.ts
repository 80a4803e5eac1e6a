// The JSON that the Wasm answers with: the documents of the tool, as `crates/answers` writes them.

/** A range in a file. Lines and columns are counted from 1, columns in characters; the end is exclusive. */
export interface Region {
  startLine: number;
  startColumn: number;
  endLine: number;
  endColumn: number;
}

export interface Place {
  file: string;
  region: Region;
}

export type Severity = "error" | "warning" | "info";

export interface Finding {
  code: string;
  severity: Severity;
  message: string;
  file: string;
  region: Region | null;
  labels: { region: Region; text: string }[];
  help: string | null;
  fix: { region: Region; replacement: string } | null;
}

export interface Findings {
  findings: Finding[];
}

export interface CheckAnswer {
  document: Findings;
  size: { routes: number; origins: number; environments: string[] };
}

export interface Header {
  name: string;
  value: string;
}

export interface Line {
  mark: "ok" | "no" | "";
  name: string;
  text: string;
  place: Place | null;
}

export interface Step {
  kind: "preflight" | "actual" | "websocket";
  method: string;
  headers: Header[];
  blocked: boolean;
  console: string | null;
  answer: { status: number | null; headers: Header[] };
}

export interface Verdict {
  allowed: boolean;
  end: "allowed" | "left_to_upstream" | "refused" | "undecided" | "stripped" | "blocked" | "failed";
  reason: string | null;
  sentence: string;
  advice: string | null;
}

export interface ExplainedRequest {
  url: string;
  method: string;
  origin: string;
  credentials: boolean;
  websocket: boolean;
  preflight: { needed: boolean; sentence: string };
  verdict: Verdict;
  decidedBy: { what: string; place: Place | null } | null;
  nearest: { entry: string; sentence: string; place: Place | null } | null;
  also: string[];
  seen: string[];
  console: string | null;
  unknown: { what: "list" | "key"; name: string }[];
  notes: string[];
  steps: Step[];
}

export interface Explained {
  allowed: boolean;
  requests: ExplainedRequest[];
  line: Verdict | null;
  notes: string[];
}

export const BROWSERS = ["chrome", "firefox", "safari"] as const;
export type BrowserName = (typeof BROWSERS)[number];

export type ExplainAnswer = Record<BrowserName, Explained> & { lines: Line[][][] };

export interface CopiedRequest {
  url: string;
  origin: string;
  method: string;
  headers: string[];
  credentials: boolean;
  websocket: boolean;
}

export interface CopiedAnswer {
  kind: "har" | "curl" | "fetch" | "powershell" | "response" | "console";
  requests: CopiedRequest[];
  notes: string[];
}

export interface Uncovered {
  name: string;
  region: Region | null;
}

export interface TestRun {
  name: string;
  region: Region;
  verdict: "passed" | "failed" | "undecided";
  mismatches: { what: string; expected: string | null; got: string | null }[];
  undecided: string | null;
}

export interface TestsAnswer {
  passed: number;
  failed: number;
  undecided: number;
  runs: TestRun[];
  coverage: {
    environments: {
      environment: string | null;
      percent: number;
      routes: number;
      entries: number;
      uncoveredRoutes: Uncovered[];
      uncoveredEntries: Uncovered[];
      boundaries: number;
      openBoundaries: Uncovered[];
    }[];
    environmentsWithoutCases: string[];
  } | null;
}

export interface Change {
  kind: string;
  direction: "widens" | "narrows" | "neutral";
  risk: "low" | "medium" | "high";
  text: string;
  why: string;
  subjects: ({ about: string } & Record<string, string>)[];
}

export interface DiffAnswer {
  before: { name: string; id: string };
  now: { name: string; id: string };
  widens: number;
  narrows: number;
  neutral: number;
  changes: Change[];
  replay: ReplayAnswer | null;
}

/** How a request gets on by a policy. */
export interface Decided {
  outcome: string;
  reason: string | null;
  route: string | null;
}

/** What a change would have done to recorded requests. */
export interface ReplayAnswer {
  records: number;
  requests: number;
  unchanged: number;
  changes: {
    effect: "passes" | "refused" | "otherwise";
    requests: number;
    origin: string | null;
    kind: string;
    before: Decided;
    now: Decided;
    example: string;
  }[];
  crowded: { effect: string; requests: number }[];
  undecided: { why: string; requests: number }[];
  left_out: number;
}

/** An entry that `suggest` adds. */
export interface Addition {
  origin: string;
  risk: "low" | "medium" | "high";
  /** written as it is, rather than commented out */
  live: boolean;
  decisions: number;
  target: { kind: "allowlist" | "route" | "defaults" | "kv_list" | "kv_keys"; name?: string; key?: string };
  also_opens: string[];
  instead: string[];
  warnings: { kind: string; risk: "low" | "medium" | "high"; text: string }[];
}

/** The document of `corsgate suggest`. */
export interface SuggestedDocument {
  policy: string;
  environment: string | null;
  since: string;
  until: string;
  additions: Addition[];
  left_out: {
    origin: string;
    route: string | null;
    reason: string;
    decisions: number;
    because: string;
    why: string;
  }[];
  /** the new test cases */
  cases: string;
  patch: string;
}

/** The questions, with what each answers. */
export interface Questions {
  check: CheckAnswer;
  explain: ExplainAnswer;
  read_copied: CopiedAnswer;
  run_tests: TestsAnswer;
  diff: DiffAnswer;
  environments: { name: string | null; id: string | null }[];
  suggest: { document: SuggestedDocument; files: { policy: string; cases: string | null } };
  lints: Record<string, { title: string; explanation: string; severity: Severity }>;
}

export type Question = keyof Questions;

/** An answer, or why there is none. */
export type Answer<Q extends Question> =
  | { value: Questions[Q] }
  | { findings: Record<string, Findings> }
  | { sentence: string; notes: string[] };
