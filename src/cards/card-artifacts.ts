import type { AttemptRecord } from "../core/records.js";
import { formatTaskRef } from "../core/task-ref.js";
import type { ArtifactReader } from "../datastore/artifacts/artifact-reader.js";
import { HandedOn } from "../datastore/handed-on.js";
import type { TaskRecords } from "../datastore/task-records.js";
import type { CardArtifacts } from "./card-subject.js";

/** The artifacts that an attempt's card may show, by the attempt's record: looked up when the card asks for them. */
export function cardArtifacts(record: AttemptRecord, records: TaskRecords, reader: ArtifactReader): CardArtifacts {
  return {
    *inherited() {
      const handed = new HandedOn(formatTaskRef(record.step, record.task), record, records);
      for (const [name, { ref }] of handed.artifacts) yield [name, ref] as const;
    },
    read: (ref, name) => reader.read(ref, name),
  };
}
