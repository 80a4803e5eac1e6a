// What is asked: a request in a form, or whatever somebody copied out of a browser.

import { useState } from "preact/hooks";
import type { CopiedRequest } from "./answers.ts";
import { ClientText } from "./client-text.tsx";
import type { RequestForm, State } from "./state.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const KINDS = {
  har: "an archive (HAR)",
  curl: "a curl command",
  fetch: "a call of fetch",
  powershell: "a PowerShell command",
  response: "the headers of a response",
  console: "a line of the console",
};

interface Props {
  state: State;
  change(part: Partial<State>): void;
  environments: string[];
  /** what was pasted, read */
  copied: { kind: keyof typeof KINDS; requests: CopiedRequest[] } | undefined;
  /** lists in KV that the answer needed */
  unknown: string[];
}

export function RequestPane({ state, change, environments, copied, unknown }: Props) {
  const form = (part: Partial<RequestForm>) => change({ request: { ...state.request, ...part } });
  return (
    <div class="request">
      <fieldset class="switch">
        <legend class="hidden">What is asked</legend>
        <label>
          <input type="radio" name="asks" checked={state.asks === "form"} onChange={() => change({ asks: "form" })} />
          <span>Form</span>
        </label>
        <label>
          <input
            type="radio"
            name="asks"
            checked={state.asks === "copied"}
            onChange={() => change({ asks: "copied" })}
          />
          <span>Paste</span>
        </label>
      </fieldset>
      {state.asks === "form" ? (
        <Form request={state.request} form={form} />
      ) : (
        <Paste {...{ state, change, copied, form }} />
      )}
      <div class="two">
        <label class="field">
          Environment
          <select value={state.environment} onChange={(event) => change({ environment: event.currentTarget.value })}>
            <option value="">base</option>
            {environments.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
            {state.environment !== "" && !environments.includes(state.environment) && (
              <option value={state.environment}>{state.environment}</option>
            )}
          </select>
        </label>
        <label class="field">
          <span>
            Day <span class="soft">(empty: today)</span>
          </span>
          <input type="date" value={state.day} onInput={(event) => change({ day: event.currentTarget.value })} />
        </label>
      </div>
      <Lists lists={state.lists} unknown={unknown} onLists={(lists) => change({ lists })} />
    </div>
  );
}

function Form({ request, form }: { request: RequestForm; form(part: Partial<RequestForm>): void }) {
  return (
    <>
      <label class="field">
        Origin of the page
        <input
          class="mono"
          value={request.origin}
          spellcheck={false}
          autocapitalize="off"
          placeholder="https://app.example.com"
          onInput={(event) => form({ origin: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        URL
        <input
          class="mono"
          value={request.url}
          spellcheck={false}
          autocapitalize="off"
          placeholder="https://api.example.com/users"
          onInput={(event) => form({ url: event.currentTarget.value })}
        />
      </label>
      {!request.websocket && (
        <>
          <label class="field">
            Method
            <input
              class="mono"
              list="methods"
              value={request.method}
              placeholder="GET"
              spellcheck={false}
              onInput={(event) => form({ method: event.currentTarget.value })}
            />
            <datalist id="methods">
              {METHODS.map((method) => (
                <option key={method} value={method} />
              ))}
            </datalist>
          </label>
          <label class="field">
            <span>
              Headers that the page sets <span class="soft">(one a line)</span>
            </span>
            <textarea
              class="mono"
              rows={3}
              value={request.headers}
              placeholder="content-type: application/json"
              spellcheck={false}
              onInput={(event) => form({ headers: event.currentTarget.value })}
            />
          </label>
        </>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={request.credentials}
          onChange={(event) => form({ credentials: event.currentTarget.checked })}
        />
        The page sends cookies
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={request.websocket}
          onChange={(event) => form({ websocket: event.currentTarget.checked })}
        />
        The page opens a WebSocket
      </label>
    </>
  );
}

function Paste({
  state,
  change,
  copied,
  form,
}: Pick<Props, "state" | "change" | "copied"> & { form(part: Partial<RequestForm>): void }) {
  const [first] = copied?.requests ?? [];
  const fill = ({ url, origin, method, headers, credentials, websocket }: CopiedRequest) =>
    change({
      asks: "form",
      request: {
        url,
        origin,
        method,
        headers: headers.map((header) => header.replace("=", ": ")).join("\n"),
        credentials,
        websocket,
      },
    });
  return (
    <>
      <label class="field">
        A curl command, a line of the console, PowerShell, response headers or a HAR
        <textarea
          class="mono"
          rows={8}
          value={state.copied}
          spellcheck={false}
          placeholder={"curl 'https://api.example.com/json' -H 'Origin: https://app.example.com'"}
          onInput={(event) => change({ copied: event.currentTarget.value })}
        />
      </label>
      {copied !== undefined && (
        <p class="soft" role="status">
          Read as {KINDS[copied.kind]}
          {copied.requests.length === 1 ? "." : ` with ${copied.requests.length} requests.`}{" "}
          {first !== undefined && (
            <button type="button" onClick={() => fill(first)}>
              Edit in the form
            </button>
          )}
        </p>
      )}
      <label class="field">
        <span>
          Origin of the page <span class="soft">(instead of the one in the text)</span>
        </span>
        <input
          class="mono"
          value={state.request.origin}
          spellcheck={false}
          placeholder="https://app.example.com"
          onInput={(event) => form({ origin: event.currentTarget.value })}
        />
      </label>
      <p class="soft">
        The text stays on this page. A call of <code>fetch</code> is not read here, for want of a parser: copy as cURL,
        or run <code>corsgate explain POLICY -</code>.
      </p>
    </>
  );
}

function Lists({
  lists,
  unknown,
  onLists,
}: {
  lists: Record<string, string>;
  unknown: string[];
  onLists(lists: Record<string, string>): void;
}) {
  const [open, setOpen] = useState(false);
  const names = [...new Set([...Object.keys(lists), ...unknown])];
  if (names.length === 0) return null;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Lists in KV ({names.length})</summary>
      {names.map((name) => (
        <label class="field" key={name}>
          <span>
            allowlist/
            <ClientText text={name} /> {!(name in lists) && <span class="soft">(not given)</span>}
          </span>
          <textarea
            class="mono"
            rows={4}
            value={lists[name] ?? ""}
            spellcheck={false}
            placeholder="https://partner.example"
            onInput={(event) => onLists({ ...lists, [name]: event.currentTarget.value })}
          />
        </label>
      ))}
    </details>
  );
}
