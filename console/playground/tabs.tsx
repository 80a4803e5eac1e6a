// Tabs by the pattern of ARIA: arrows move between them.

interface Tab {
  id: string;
  title: string;
  count: string;
  tone: "good" | "bad" | "";
}

interface Props {
  label: string;
  tabs: Tab[];
  chosen: string;
  onChoose(id: string): void;
}

export function Tabs({ label, tabs, chosen, onChoose }: Props) {
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const at = tabs.findIndex(({ id }) => id === chosen);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next.id);
    document.getElementById(`tab-${next.id}-button`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map(({ id, title, count, tone }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tab-${id}-button`}
          aria-controls={`tab-${id}`}
          aria-selected={id === chosen}
          tabIndex={id === chosen ? 0 : -1}
          onClick={() => onChoose(id)}
        >
          {title} {count !== "" && <span class={`count ${tone}`}>{count}</span>}
        </button>
      ))}
    </div>
  );
}
