// Libraries that add headers of traces to requests of a page.

import { defaultTextMapSetter, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { CompositePropagator, TraceState, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { browserTracingIntegration, init, startSpan } from "@sentry/browser";
import { expect } from "./expect.mjs";

/** @param {string} gateway */
export async function sentry(gateway) {
  init({
    dsn: "https://public@sentry.example.com/1",
    integrations: [browserTracingIntegration({ instrumentNavigation: false, instrumentPageLoad: false })],
    tracesSampleRate: 1,
    tracePropagationTargets: [gateway],
    transport: () => ({ send: async () => ({}), flush: async () => true }),
  });
  const response = await startSpan({ name: "look" }, () => fetch(`${gateway}/items`));
  const seen = await response.json();
  expect(/^[0-9a-f]{32}-[0-9a-f]{16}-1$/.test(seen["sentry-trace"]), true, `sentry-trace: ${seen["sentry-trace"]}`);
  expect(seen.baggage.includes("sentry-trace_id="), true, `baggage: ${seen.baggage}`);
}

/** @param {string} gateway */
export async function openTelemetry(gateway) {
  const propagator = new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  });
  const ids = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 };
  const span = trace.setSpanContext(ROOT_CONTEXT, { ...ids, traceState: new TraceState("shop=1") });
  const context = propagation.setBaggage(span, propagation.createBaggage({ user: { value: "7" } }));
  const headers = {};
  propagator.inject(context, headers, defaultTextMapSetter);
  const seen = await (await fetch(`${gateway}/items`, { headers })).json();
  expect(seen.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "traceparent");
  expect([seen.tracestate, seen.baggage], ["shop=1", "user=7"], "tracestate and baggage");
}
