// The service `shop.v1.Shop`, for its client in the page and its server.

import { create, createFileRegistry } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";

const TEXT = ".google.protobuf.StringValue";

/** Protobuf's options of a method that reads alone: clients may use GET. */
const READS_ALONE = { idempotencyLevel: 1 };

const file = create(FileDescriptorProtoSchema, {
  name: "shop.proto",
  package: "shop.v1",
  syntax: "proto3",
  dependency: ["google/protobuf/wrappers.proto"],
  service: [
    {
      name: "Shop",
      method: [
        { name: "Price", inputType: TEXT, outputType: TEXT, options: READS_ALONE },
        { name: "Buy", inputType: TEXT, outputType: TEXT },
        { name: "Watch", inputType: TEXT, outputType: TEXT, serverStreaming: true },
      ],
    },
  ],
});

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, { file: [file_google_protobuf_wrappers.proto, file] }),
);

export const Shop = registry.getService("shop.v1.Shop");
