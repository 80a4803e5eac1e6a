// What a view is, and what it is drawn from.

import type { ComponentType } from "preact";
import type { Address } from "./address.ts";
import type { Answers } from "./data/answer.ts";

export interface ViewProps {
  address: Address;
  answers: Answers;
}

export interface View {
  pathname: string;
  /** in the navigation; a view without one is reached from others */
  name?: string;
  title: (address: Address) => string;
  /**
   * The paths of the admin API that the view needs. It is asked again when answers have come, because some depend on
   * others, as the entries of a list depend on the policy that names it.
   */
  queries: (address: Address, answers: Answers) => string[];
  Page: ComponentType<ViewProps>;
}

/** Everything that the page is drawn from, by the Worker and again by the browser. */
export interface PageData {
  address: { pathname: string; search: string };
  /** the gateway's clock, in milliseconds */
  now: number;
  host?: string;
  answers: Answers;
}
