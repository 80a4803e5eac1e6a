// The part of `console/` that the Worker draws (`console/dashboard/server.tsx`), which the build names so. Its sources
// have types of their own, of browsers.

declare module "corsgate-console" {
  /**
   * Draws a view of the dashboard.
   *
   * @param load asks the admin API, as in `/api/report/outcomes?since=6h`; never rejected
   * @returns what stands in the element `page`, and what the browser needs to take it over
   */
  export function renderDashboard(
    request: { pathname: string; search: string; host: string },
    load: (path: string) => Promise<{ status: number; body: unknown }>,
  ): Promise<{ status: number; title: string; html: string; data: unknown }>;
}

/** Style sheets and images are imported as text. */
declare module "*.css" {
  const text: string;
  export default text;
}

declare module "*.svg" {
  const text: string;
  export default text;
}
