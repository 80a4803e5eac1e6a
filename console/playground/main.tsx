// The playground: a policy, a request and what the gateway would answer, as one types.

import { render } from "preact";
import { Playground } from "./page.tsx";
import { kept, ofFragment } from "./state.ts";

const root = document.getElementById("page");

async function begin(element: HTMLElement) {
  const shared = await ofFragment(location.hash);
  // A link is opened once: what is typed afterwards is kept here, and not lost to the link on reload.
  if (shared !== undefined) history.replaceState(null, "", location.pathname + location.search);
  const isAlone = document.documentElement.dataset.alone !== undefined;
  element.replaceChildren();
  render(<Playground first={shared ?? kept()} isAlone={isAlone} />, element);
}

if (root !== null) void begin(root);
