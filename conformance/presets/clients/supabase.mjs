// Supabase's client: database, auth, storage and functions.

import { createClient, FunctionRegion, FunctionsRelayError } from "@supabase/supabase-js";
import { expect } from "./expect.mjs";

/** @param {string} gateway */
export async function everyPart(gateway) {
  const client = createClient(gateway, "anon-key", { db: { schema: "shop" } });
  const { count, error } = await client.from("items").select("*", { count: "exact" });
  expect([count, error], [42, null], "the number of rows");
  for (const change of [
    client.from("items").insert({ id: 1 }),
    client.from("items").upsert({ id: 1 }),
    client.from("items").update({ id: 2 }).eq("id", 1),
    client.from("items").delete().eq("id", 2),
    client.rpc("sum", { a: 1 }),
  ]) {
    expect((await change).error, null, "the error of a change");
  }
  const signedIn = await client.auth.signInWithPassword({ email: "a@example.com", password: "secret" });
  expect(signedIn.error, null, "the error of signing in");
  const bucket = client.storage.from("pictures");
  const stored = await bucket.upload("a.txt", new Blob(["a"]), { upsert: true, metadata: { colour: "green" } });
  expect(stored.error, null, "the error of an upload");
  expect((await bucket.update("a.txt", new Blob(["b"]))).error, null, "the error of an update");
  expect((await bucket.remove(["a.txt"])).error, null, "the error of a removal");
  const called = await client.functions.invoke("greet", { body: { a: 1 }, region: FunctionRegion.EuCentral1 });
  expect(called.error, null, "the error of a function");
  const failed = await client.functions.invoke("broken", { body: { a: 1 } });
  expect(failed.error instanceof FunctionsRelayError, true, "the relay's error is told from others");
}
