// The list of results below the search field, as a listbox of a combobox: the focus stays in the field.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/

import type { Piece } from "./excerpt.ts";
import type { Found } from "./search.ts";

const LIST = "site-results";

export class Results {
  #input: HTMLInputElement;
  #panel: HTMLElement;
  #list: HTMLElement;
  /** What is said about the list: once to see, once for screen readers, which miss what appears together with its text. */
  #said: HTMLElement[];
  /** Which of the options the arrow keys have reached; -1 is none. */
  #active = -1;

  constructor(input: HTMLInputElement) {
    this.#input = input;
    this.#panel = element("site-panel");
    this.#list = element(LIST);
    this.#said = [element("site-said"), element("site-status")];
    // A press of the button would take the focus from the field, and close the list before the link is followed.
    this.#panel.addEventListener("mousedown", (event) => event.preventDefault());
    this.#list.addEventListener("click", (event) => {
      const isHere = !(event.ctrlKey || event.metaKey || event.shiftKey);
      if (isHere && event.target !== this.#list) this.#leave();
    });
  }

  get #options(): HTMLAnchorElement[] {
    return [...this.#list.querySelectorAll("a")];
  }

  show(found: Found[], said: string): void {
    this.#list.replaceChildren(...found.map(option));
    this.#list.hidden = found.length === 0;
    for (const place of this.#said) place.textContent = said;
    this.#panel.hidden = false;
    this.#panel.scrollTop = 0;
    this.#input.setAttribute("aria-expanded", String(found.length > 0));
    this.#choose(-1);
  }

  close(): void {
    this.#panel.hidden = true;
    this.#list.replaceChildren();
    for (const place of this.#said) place.textContent = "";
    this.#input.setAttribute("aria-expanded", "false");
    this.#choose(-1);
  }

  /** Whether the key was one of the list's. */
  press(event: KeyboardEvent): boolean {
    if (this.#panel.hidden) return false;
    const options = this.#options;
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter") open(options[Math.max(this.#active, 0)], event);
    else if (event.key === "ArrowDown") this.#choose(this.#active + 1 === options.length ? -1 : this.#active + 1);
    else if (event.key === "ArrowUp") this.#choose(this.#active === -1 ? options.length - 1 : this.#active - 1);
    else return false;
    return true;
  }

  #choose(at: number): void {
    this.#active = at;
    this.#input.removeAttribute("aria-activedescendant");
    for (const [number, one] of this.#options.entries()) {
      one.setAttribute("aria-selected", String(number === at));
      if (number !== at) continue;
      this.#input.setAttribute("aria-activedescendant", one.id);
      one.scrollIntoView({ block: "nearest" });
    }
  }

  /** After the link was followed, as it may lead to a place in this page. */
  #leave(): void {
    setTimeout(() => this.#input.blur());
  }
}

/** As a click does, so that Ctrl and Enter opens another tab. */
function open(link: HTMLAnchorElement | undefined, { ctrlKey, metaKey, shiftKey }: KeyboardEvent): void {
  link?.dispatchEvent(new MouseEvent("click", { ctrlKey, metaKey, shiftKey, bubbles: true, cancelable: true }));
}

function option({ link, above, heading, excerpt }: Found, at: number): HTMLAnchorElement {
  const one = document.createElement("a");
  one.id = `${LIST}-${at}`;
  one.href = link;
  one.tabIndex = -1;
  one.setAttribute("role", "option");
  // With spaces, since a screen reader reads the option as one text.
  if (above.length > 0) one.append(part("place", [{ text: above.join(" › "), isMarked: false }]), " ");
  one.append(part("heading", heading), " ", part("excerpt", excerpt));
  return one;
}

function part(name: string, pieces: Piece[]): HTMLElement {
  const span = document.createElement("span");
  span.className = name;
  span.append(
    ...pieces.map(({ text, isMarked }) => {
      if (!isMarked) return text;
      const mark = document.createElement("mark");
      mark.textContent = text;
      return mark;
    }),
  );
  return span;
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}
