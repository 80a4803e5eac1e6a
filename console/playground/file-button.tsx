// Opens a file of this machine.

import { useRef } from "preact/hooks";

/** A button that reads a file of this machine; it is read here and sent nowhere. */
export function FileButton({ label, onText }: { label: string; onText(text: string, name: string): void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        accept=".toml,.json,text/plain"
        onChange={async ({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          if (file !== undefined) onText(await file.text(), file.name);
          currentTarget.value = "";
        }}
      />
    </>
  );
}
