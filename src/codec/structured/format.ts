/**
 * The `structured` encoding: any storable value as a stream of bytes that says the same for the same value on every
 * Node version. docs/datastore.md describes it for other tools.
 *
 * The stream starts with the format's version and a byte of flags, then come blocks. A block has a header (bytes of
 * its body, bytes of its text, how the text is encoded: three little-endian uint32), its body, and its text: the
 * contents of the strings that the body mentions, one after another. A value in a body is a tag and what follows it.
 * Blocks end only between values. Raw bytes longer than `RAW_INLINE` stand behind the block that mentions them.
 *
 * Objects count from 0 in the order in which they start; `Reference` names one met before. Objects with the same keys
 * share a shape, written out once.
 */
export const FORMAT_VERSION = 1;

/** Flag: some object is mentioned more than once, so a reader keeps them in order. */
export const HAS_REFERENCES = 1;

export const BLOCK_HEADER_BYTES = 12;
/** Bytes of a block, header included; what is written without asking for room fits into `BLOCK_SLACK`. */
export const BLOCK_BYTES = 64 * 1024;
export const BLOCK_SLACK = 64;
/** Characters of text after which a block ends. */
export const TEXT_LIMIT = 64 * 1024;
/** Raw bytes up to this many stand in the body. */
export const RAW_INLINE = 4096;
/** Binary values from this many bytes on are runs of their own. */
export const RUN_BYTES = 1024 * 1024;

/** Values nested deeper than this are set aside and written after the rest. */
export const MAX_DEPTH = 250;
/** Shapes in one value, and keys in one shape, before objects are written with their keys. */
export const MAX_SHAPES = 4096;
export const MAX_SHAPE_KEYS = 128;
/** Arrays from this length on are looked at for being numbers only. */
export const NUMBERS_MIN = 8;

/** Strings up to this length may be mentioned again by their slot of the recent strings. */
export const RECENT_LENGTH = 40;
export const RECENT_SLOTS = 1024;

/** Where a string stands among the recent ones. */
export function recentSlot(text: string): number {
  const length = text.length;
  const mixed = length * 31 + text.charCodeAt(0) * 131 + text.charCodeAt(length - 1) * 17 + text.charCodeAt(length >> 1) * 7;
  return mixed & (RECENT_SLOTS - 1);
}

/** How a block's text is encoded, by number: ASCII is written and read fastest as Latin-1. */
export const TEXT_ENCODINGS = ["latin1", "utf8", "utf16le"] as const;

/** Tags below 128; a byte of 128 + n is the integer n. */
export const enum Tag {
  Undefined = 0,
  Null = 1,
  True = 2,
  False = 3,
  /** varint n */
  Integer = 4,
  /** varint -1 - n */
  NegativeInteger = 5,
  /** 8 bytes */
  Float = 6,
  NaN = 7,
  /** varint sign (0 or 1), string of hexadecimal digits */
  BigInt = 8,
  EmptyString = 9,
  /** varint length in UTF-16 units; the text stands in the block */
  String = 10,
  /** varint slot */
  RecentString = 11,
  /** varint index */
  Reference = 12,
  /** varint shape, values */
  Object = 13,
  /** varint count, keys (strings), values; becomes the next shape */
  NewShape = 14,
  /** varint count, then keys and values in turn */
  Dictionary = 15,
  /** the same, for an object without prototype */
  NullObject = 16,
  /** varint length, elements */
  Array = 17,
  /** varint length, varint count, then varint index and value in turn; holes elsewhere */
  SparseArray = 18,
  /** an array in one of the other forms, then a dictionary's entries: its named properties */
  NamedArray = 19,
  /** varint length, raw int32 */
  Integers = 20,
  /** varint length, raw float64 */
  Floats = 21,
  /** varint count, keys and values in turn */
  Map = 22,
  /** varint count, elements */
  Set = 23,
  /** 8 bytes: milliseconds since the epoch, NaN when invalid */
  Date = 24,
  /** string source, string flags, varint lastIndex */
  RegExp = 25,
  /** a Number, String, Boolean or BigInt object: its primitive */
  Boxed = 26,
  /** varint class, varint count, then key (string), byte enumerable, value in turn */
  Error = 27,
  /** byte type, varint length, raw bytes */
  Binary = 28,
  /** byte type, varint index of the run */
  RunBinary = 29,
  /** byte type, varint index of the shared bytes, varint offset, varint length */
  SharedBinary = 30,
  /** varint length, raw bytes: the next shared bytes; then a SharedBinary */
  SharedBytes = 31,
  /** string codec, value */
  Instance = 32,
  /** an object too deep to stand here: byte kind (a tag); its content follows after everything before it */
  Later = 33,
  /** varint index of the run: an Arrow table */
  Arrow = 34,
}

/** The tag that a byte of a stream is. */
export function tagOf(byte: number): Tag {
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- decoding: only tags are written where tags are read
  return byte;
}

/** Classes of errors by their number; append only. */
export const ERROR_CLASSES = [
  "Error",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
  "AggregateError",
  "SuppressedError",
] as const;
