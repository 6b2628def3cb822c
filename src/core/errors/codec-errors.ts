import { entry } from "./entry.js";

/** Values that cannot be stored, and bytes that cannot be read. */
export const codecErrors = {
  "value-not-storable": entry<{ path: string; what: string; advice?: string | undefined }>({
    when: "A value that cannot come back equal (a function, a promise, an instance of a class without a codec …) was to be stored.",
    message: ({ path, what }) => `${path} cannot be stored: it is ${what}.`,
    hint: ({ advice }) =>
      advice ??
      "Store plain data (objects, arrays, Map, Set, Date, Error, Buffer …) and make the rest where it is used; for a class of your own, registerCodec says how to store it.",
  }),
  "codec-invalid": entry<{ name: string; problem: string }>({
    when: "registerCodec was called with something that is no codec, or with a name that is taken.",
    message: ({ name, problem }) => `The codec ${name} cannot be registered: ${problem}.`,
    hint: () => "Write registerCodec({ name, class: Matrix, encode: (matrix) => data, decode: (data) => matrix }), each name once.",
  }),
  "codec-failed": entry<{ codec: string; path: string; action: "encode" | "decode"; reason: string }>({
    when: "A registered codec threw an error.",
    message: ({ codec, path, action, reason }) => `The codec ${codec} could not ${action} ${path}: ${reason}.`,
    hint: ({ action }) =>
      action === "encode" ? "Mend its encode function." : "Mend its decode function; it is given what encode returned when the value was stored.",
  }),
  "codec-missing": entry<{ codec: string; path: string }>({
    when: "A stored value needs a codec that is not registered in this process.",
    message: ({ codec, path }) => `${path} was stored by the codec ${codec}, which is not registered here.`,
    hint: ({ codec }) => `Import the module that calls registerCodec({ name: "${codec}", … }) from the flow's file, before the value is read.`,
  }),
  "encoding-unknown": entry<{ path: string; encoding: string }>({
    when: "A stored value is encoded in a way that this version of millrace does not know.",
    message: ({ path, encoding }) => `${path} is stored in the encoding ${encoding}, which this millrace does not know.`,
    hint: () => "It was written by a newer millrace: read it with that version or a later one.",
  }),
  "type-missing": entry<{ path: string; type: string; node: string }>({
    when: "A stored value has a built-in type that this Node version lacks.",
    message: ({ path, type, node }) => `${path} holds a ${type}, which Node ${node} does not have.`,
    hint: () => "Read it with the Node version that wrote it, or a later one.",
  }),
  "arrow-missing": entry<{ path: string; action: "store" | "read" }>({
    when: "An Arrow table is stored or read, and the flow has no apache-arrow package.",
    message: ({ path, action }) => `${path} is an Arrow table, and there is no apache-arrow package to ${action} it with.`,
    hint: () => "Install apache-arrow in the flow's project (npm install apache-arrow).",
  }),
  "artifact-damaged": entry<{ artifact: string; key: string; reason: string }>({
    when: "The stored bytes of an artifact are not those that were written.",
    message: ({ artifact, key, reason }) => `The artifact ${artifact} is damaged: ${key} ${reason}.`,
    hint: () => "Run the step that set it again: millrace resume FLOW STEP. If disks or copies are at fault, check them first.",
  }),
  "artifact-missing": entry<{ artifact: string; key: string }>({
    when: "The stored bytes of an artifact are not in the datastore.",
    message: ({ artifact, key }) => `The artifact ${artifact} is gone: there is no ${key} in the datastore.`,
    hint: () => "Restore the object, or run the step that set it again: millrace resume FLOW STEP.",
  }),
};
