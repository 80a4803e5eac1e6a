// tus-js-client: an upload in parts, taken up again, then ended.

import { Upload } from "tus-js-client";
import { expect } from "./expect.mjs";

/** @param {string} gateway */
export async function upload(gateway) {
  const file = new Blob(["0123456789"]);
  const options = {
    endpoint: `${gateway}/files`,
    chunkSize: 4,
    addRequestId: true,
    metadata: { filename: "digits.txt" },
    headers: { authorization: "Bearer secret" },
    retryDelays: [],
  };
  const first = await finished(file, options, (upload, sent) => sent === 4 && upload.abort());
  // The URL came from `Location`, and is the gateway's.
  expect(new URL(first.url).origin, new URL(gateway).origin, "where the upload is");
  const second = await finished(file, { ...options, uploadUrl: first.url });
  expect(second.url, first.url, "where the rest went");
  await second.abort(true);
  const gone = await fetch(first.url, { method: "HEAD", headers: { "tus-resumable": "1.0.0" } });
  expect([404, 410].includes(gone.status), true, "the upload is gone");
}

/** Resolves when the upload is whole, or was stopped. */
function finished(file, options, stops = () => false) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      ...options,
      onError: reject,
      onSuccess: () => resolve(upload),
      onChunkComplete: (_size, sent) => stops(upload, sent) && resolve(upload),
    });
    upload.start();
  });
}
