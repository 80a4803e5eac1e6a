// Stands for `console/dashboard/server.tsx` in tests of what is around it: it loads what the query names, and shows it.

/**
 * @param {{ pathname: string, search: string, host: string }} request
 * @param {(path: string) => Promise<{ status: number, body: unknown }>} load
 */
export async function renderDashboard({ pathname, search, host }, load) {
  const query = new URLSearchParams(search);
  if (query.has("throw")) throw new Error("the dashboard fails\ntoday");
  const start = Date.now();
  const loaded = await Promise.all(query.getAll("load").map(load));
  const text = query.get("text") ?? "";
  return {
    status: Number(query.get("status") ?? 200),
    title: `${pathname} ${text}`,
    html: "<p>drawn</p>",
    data: { host, text, loaded, [text]: text, milliseconds: Date.now() - start },
  };
}
