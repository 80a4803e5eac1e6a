// The answer to a request: the verdict, what decided, the requests on the wire with each check, and what browsers print.

import type { BrowserName, ExplainAnswer, ExplainedRequest, Line, Place, Step } from "./answers.ts";
import { BROWSERS } from "./answers.ts";
import { ClientText, Code } from "./client-text.tsx";

const NAMES: Record<BrowserName, string> = { chrome: "Chrome", firefox: "Firefox", safari: "Safari" };
const STEPS = { preflight: "Preflight", actual: "Request", websocket: "WebSocket handshake" };
/** The most requests of an archive that are shown. */
const MOST = 20;

interface Props {
  answer: ExplainAnswer;
  onPlace(place: Place): void;
}

export function Decision({ answer, onPlace }: Props) {
  const { requests, line, notes } = answer.chrome;
  return (
    <>
      {line !== null && <VerdictOf allowed={line.allowed} sentence={line.sentence} advice={line.advice} />}
      {requests.length === 0 && line === null && (
        <p>Nothing in the archive failed for CORS on a host of this policy.</p>
      )}
      {requests.slice(0, MOST).map((request, at) => (
        // Requests of one answer are told apart by their order alone.
        <RequestOf key={at} request={request} at={at} {...{ answer, onPlace }} />
      ))}
      {requests.length > MOST && <p class="soft">and {requests.length - MOST} more requests</p>}
      {notes.map((note) => (
        <p class="note" key={note}>
          <ClientText text={note} />
        </p>
      ))}
    </>
  );
}

/** The verdict's sentence begins with the word that the page shows large. */
function VerdictOf({ allowed, sentence, advice }: { allowed: boolean; sentence: string; advice: string | null }) {
  const at = sentence.indexOf(":");
  const word = at < 0 ? sentence : sentence.slice(0, at);
  const rest = at < 0 ? "" : sentence.slice(at + 1).trim();
  return (
    <div class={`verdict ${allowed ? "allowed" : "refused"}`}>
      <p class="word">
        <span aria-hidden="true">{allowed ? "✓" : "✗"}</span> <ClientText text={word} />
      </p>
      {rest !== "" && (
        <p>
          <Code text={rest} />
        </p>
      )}
      {advice !== null && (
        <p class="advice">
          <Code text={advice} />
        </p>
      )}
    </div>
  );
}

function RequestOf({ request, at, answer, onPlace }: { request: ExplainedRequest; at: number } & Props) {
  const { verdict, decidedBy, nearest } = request;
  return (
    <article>
      {answer.chrome.requests.length > 1 && (
        <h3 class="mono">
          {request.method} <ClientText text={request.url} />
        </h3>
      )}
      <VerdictOf {...verdict} />
      <dl class="facts">
        {decidedBy !== null && (
          <>
            <dt>Decided by</dt>
            <dd>
              <Code text={decidedBy.what} /> <PlaceOf place={decidedBy.place} onPlace={onPlace} />
            </dd>
          </>
        )}
        {nearest !== null && (
          <>
            <dt>Nearest entry</dt>
            <dd>
              <Code text={nearest.sentence} /> <PlaceOf place={nearest.place} onPlace={onPlace} />
            </dd>
          </>
        )}
        <dt>Preflight</dt>
        <dd>
          <Code text={request.preflight.sentence} />
        </dd>
      </dl>
      {[...request.also, ...request.seen].map((sentence) => (
        <p class="note" key={sentence}>
          <Code text={sentence} />
        </p>
      ))}
      <h3>What browsers print</h3>
      <dl class="browsers">
        {BROWSERS.map((browser) => (
          <Printed key={browser} name={NAMES[browser]} line={answer[browser].requests[at]?.console ?? null} />
        ))}
      </dl>
      {request.steps.map((step, number) => (
        <StepOf key={step.kind} step={step} lines={answer.lines[at]?.[number] ?? []} onPlace={onPlace} />
      ))}
      {request.notes.map((note) => (
        <p class="note" key={note}>
          <Code text={note} />
        </p>
      ))}
    </article>
  );
}

function Printed({ name, line }: { name: string; line: string | null }) {
  return (
    <>
      <dt>{name}</dt>
      <dd class={line === null ? "soft" : "console"}>
        {line === null ? "prints nothing" : <ClientText text={line} lines />}
      </dd>
    </>
  );
}

function StepOf({ step, lines, onPlace }: { step: Step; lines: Line[]; onPlace(place: Place): void }) {
  const { status, headers } = step.answer;
  return (
    <section class="step">
      <h3>
        {STEPS[step.kind]} <span class="mono soft">{step.method}</span>
      </h3>
      <ul class="checks">
        {lines.map(({ mark, name, text, place }, at) => (
          <li key={`${name}${at}`} class={mark === "" ? "noted" : mark}>
            <span class="mark">{mark}</span>
            <span class="name">{name}</span>
            <span>
              <Code text={text} /> <PlaceOf place={place} onPlace={onPlace} />
            </span>
          </li>
        ))}
      </ul>
      <p class="soft">
        {status === null
          ? "The upstream answers; the gateway sets on its response:"
          : `The gateway answers with ${status}:`}
      </p>
      {headers.length === 0 ? (
        <p class="soft">no headers</p>
      ) : (
        <table class="headers">
          <tbody>
            {headers.map(({ name, value }) => (
              <tr key={`${name}${value}`}>
                <th scope="row">
                  <ClientText text={name} />
                </th>
                <td>
                  <ClientText text={value} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export function PlaceOf({ place, onPlace }: { place: Place | null; onPlace(place: Place): void }) {
  if (place === null) return null;
  return (
    <button type="button" class="place" onClick={() => onPlace(place)}>
      <span class="hidden">show </span>line {place.region.startLine}
    </button>
  );
}
