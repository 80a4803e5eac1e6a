// Small drawings beside figures. Each repeats a number that stands next to it, so each is hidden from those who listen.

/** A share as a thin bar. */
export function ShareBar({ share, tone }: { share: number; tone: string }) {
  const width = Math.round(Math.min(Math.max(share, 0), 1) * 1000) / 10;
  return (
    <svg class="share" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="6" />
      {/* A share that is not zero is seen. */}
      <rect class={tone} width={share > 0 ? Math.max(width, 1.5) : 0} height="6" />
    </svg>
  );
}

/** A series in a row, on a scale of its own. Gaps stay empty. */
export function Sparkline({ values, tone }: { values: (number | null)[]; tone: string }) {
  const top = Math.max(1, ...values.map((value) => value ?? 0));
  const width = 100 / Math.max(1, values.length);
  return (
    <svg class="spark" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
      <path class="base" d="M0 19.5H100" />
      <path
        class={tone}
        d={values
          .map((value, at) => {
            if (value === null || value === 0) return "";
            const height = Math.max(1, (value / top) * 19);
            return `M${round(at * width)} ${round(19.5 - height)}h${round(width * 0.8)}V19.5h${round(-width * 0.8)}z`;
          })
          .join("")}
      />
    </svg>
  );
}

const round = (value: number) => Math.round(value * 100) / 100;
