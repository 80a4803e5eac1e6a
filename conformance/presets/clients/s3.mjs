// Amazon's S3 client.

import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect } from "./expect.mjs";

/** @param {string} gateway */
export async function objects(gateway) {
  const client = new S3Client({
    endpoint: `${gateway}/objects`,
    forcePathStyle: true,
    region: "eu-central-1",
    credentials: { accessKeyId: "AKIA", secretAccessKey: "secret", sessionToken: "token" },
    maxAttempts: 1,
  });
  const object = { Bucket: "shop", Key: "menu.txt" };
  const put = await client.send(
    new PutObjectCommand({
      ...object,
      Body: "soup",
      ContentType: "text/plain",
      CacheControl: "no-store",
      ContentDisposition: 'attachment; filename="menu.txt"',
      Metadata: { colour: "green" },
      IfNoneMatch: "*",
    }),
  );
  expect(typeof put.ETag, "string", "ETag");
  const head = await client.send(new HeadObjectCommand({ ...object, IfMatch: put.ETag }));
  expect(head.Metadata, { colour: "green" }, "metadata");
  expect(head.ContentDisposition, 'attachment; filename="menu.txt"', "Content-Disposition");
  expect(head.VersionId, "v1", "the version");
  const part = await client.send(new GetObjectCommand({ ...object, Range: "bytes=1-2" }));
  expect([await part.Body.transformToString(), part.ContentRange], ["ou", "bytes 1-2/4"], "a range");

  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...object, Key: "large" }));
  const upload = { ...object, Key: "large", UploadId };
  const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "stew" }));
  expect(typeof ETag, "string", "ETag of the part");
  await client.send(
    new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
  );
  const whole = await client.send(new GetObjectCommand({ ...object, Key: "large" }));
  expect(await whole.Body.transformToString(), "stew", "the object of parts");
  await client.send(new DeleteObjectCommand(object));
}
