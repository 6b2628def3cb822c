/** How much of large data a card shows, so that it stays a few MB and opens at once. */
export const limits = {
  /** Bytes of a card's parts in all; what comes after is left out, with a note. */
  cardBytes: 5_000_000,
  /** Bytes of one image. */
  imageBytes: 3_000_000,
  /** Characters of one Html part, and of a chart's specification with its data. */
  partCharacters: 3_000_000,
  /** Rows of a table, unless its `maxRows` says otherwise. */
  rows: 200,
  columns: 40,
  /** Characters of a table's cell. */
  cellCharacters: 200,
  /** Rows of a table that is an artifact of the default card. */
  artifactRows: 20,
  /** Characters of a text. */
  textCharacters: 10_000,
  /** Entries of one object or list of a tree, nodes of a tree in all, and its levels. */
  treeEntries: 50,
  treeNodes: 500,
  treeLevels: 8,
  /** Lines and characters of a log's end. */
  logLines: 200,
  logCharacters: 50_000,
  /** Stored bytes of an artifact that the default card reads, and of all that it reads. */
  artifactBytes: 4_000_000,
  allArtifactsBytes: 16_000_000,
  /** The same for artifacts that the task did not set. */
  inheritedBytes: 2_000,
} as const;
