// The origins that this browser does not want to see. They stay counted, and nothing but the view knows of them.

import { useCallback, useEffect, useState } from "preact/hooks";

const KEY = "corsgate-muted";

/** The muted origins, and how to change them. Other tabs follow. */
export function useMuted(): [readonly string[], (origin: string, muted: boolean) => void] {
  const [muted, setMuted] = useState<readonly string[]>([]);
  useEffect(() => {
    setMuted(stored());
    const follow = (event: StorageEvent) => {
      if (event.key === KEY || event.key === null) setMuted(stored());
    };
    addEventListener("storage", follow);
    return () => removeEventListener("storage", follow);
  }, []);
  const change = useCallback((origin: string, mute: boolean) => {
    // Another tab may have changed it since.
    const others = stored().filter((each) => each !== origin);
    const next = mute ? [...others, origin] : others;
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // A browser without storage forgets it with the page.
    }
    setMuted(next);
  }, []);
  return [muted, change];
}

function stored(): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
  } catch {
    return [];
  }
}
