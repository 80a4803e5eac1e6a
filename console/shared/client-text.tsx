// The one component that shows what a client wrote. Preact makes text nodes of it, so nothing in it is markup; what
// could deceive the eye is marked by `client-text.ts`.

import { cut, originParts, type Piece, piecesOf } from "./client-text.ts";
import { unicodeHost } from "./punycode.ts";

/** How long a text may be in a table, in characters. */
const SHORT = 56;

interface Props {
  text: string;
  /** an origin has its host in dark letters, and Punycode is also shown decoded */
  kind?: "origin" | "text";
  /** shows all of it */
  whole?: boolean;
  /** a link to a view of this page, never to what the client wrote */
  href?: string;
}

export function ClientText({ text, kind = "text", whole = false, href }: Props) {
  if (text === "") return <span class="none">{kind === "origin" ? "no Origin" : "none"}</span>;
  const { start, middle, end } = cut(text, whole ? Number.POSITIVE_INFINITY : SHORT);
  const parts = kind === "origin" ? originParts(text) : undefined;
  const unicode = parts && unicodeHost(parts.host);
  const isCut = middle.length > 0;
  const content =
    parts !== undefined && !isCut ? (
      <>
        <span class="around">{parts.before}</span>
        <strong>{parts.host}</strong>
        <span class="around port">{parts.after}</span>
      </>
    ) : (
      <>
        <Pieces pieces={start} />
        {isCut && (
          <>
            <span class="ellipsis" aria-hidden="true">
              …
            </span>
            <span class="middle">
              <Pieces pieces={middle} />
            </span>
            <Pieces pieces={end} />
          </>
        )}
      </>
    );
  const name = `client${isCut ? " cut" : ""}`;
  return (
    <>
      {href !== undefined ? (
        <a class={name} href={href} dir="ltr">
          {content}
        </a>
      ) : isCut ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: focus shows the middle, so the keyboard must reach it
        <span class={name} dir="ltr" tabIndex={0} role="note">
          {content}
        </span>
      ) : (
        <span class={name} dir="ltr">
          {content}
        </span>
      )}
      {unicode !== undefined && (
        <span class="unicode">
          {" "}
          reads as <Pieces pieces={piecesOf(unicode)} />
        </span>
      )}
    </>
  );
}

function Pieces({ pieces }: { pieces: Piece[] }) {
  return pieces.map((piece, at) =>
    piece.kind === "plain" ? (
      piece.text
    ) : (
      <mark key={at} class={piece.kind} title={piece.note}>
        {piece.text}
      </mark>
    ),
  );
}
