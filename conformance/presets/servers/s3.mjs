// A store that speaks as much of S3 as its client needs: objects, their metadata, ranges, uploads in parts.

import { createHash } from "node:crypto";
import http from "node:http";

const KEPT = /^(x-amz-meta-.*|content-type|content-disposition|cache-control)$/;

export function s3() {
  /** @type {Map<string, { body: Buffer, headers: Record<string, string> }>} */
  const objects = new Map();
  return http.createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://store");
    const body = Buffer.concat(await request.toArray());
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => KEPT.test(name)));
    /** @param {number} status @param {Record<string, string>} [more] @param {Buffer | string} [content] */
    const send = (status, more = {}, content = "") =>
      response.writeHead(status, { "x-amz-request-id": "r1", ...more }).end(request.method === "HEAD" ? "" : content);
    const etag = `"${createHash("md5").update(body).digest("hex")}"`;

    if (!request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 ")) return send(403);
    const xml = { "content-type": "application/xml" };
    if (request.method === "POST" && searchParams.has("uploads")) {
      return send(200, xml, "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>");
    }
    if (request.method === "POST") {
      return send(200, xml, `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`);
    }
    if (request.method === "PUT") {
      objects.set(pathname, { body: plain(body, request.headers), headers });
      return send(200, { etag });
    }
    if (request.method === "DELETE") return send(objects.delete(pathname) ? 204 : 404);
    const object = objects.get(pathname);
    if (!object) return send(404, xml, "<Error><Code>NoSuchKey</Code></Error>");
    const more = { ...object.headers, etag: '"e"', "x-amz-version-id": "v1", "accept-ranges": "bytes" };
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    if (!range) return send(200, more, object.body);
    const [from, to] = range.slice(1).map(Number);
    const total = object.body.length;
    return send(206, { ...more, "content-range": `bytes ${from}-${to}/${total}` }, object.body.subarray(from, to + 1));
  });
}

/** What was uploaded: a body in `aws-chunked` has its first chunk alone. */
function plain(body, headers) {
  if (!headers["content-encoding"]?.includes("aws-chunked")) return body;
  const end = body.indexOf("\r\n");
  const length = Number.parseInt(body.toString("latin1", 0, end), 16);
  return body.subarray(end + 2, end + 2 + length);
}
