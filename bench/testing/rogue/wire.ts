/**
 * The message as an outsider reads it, from the format that bench/measure/message.ts documents: a JSON object with fixed-width
 * `run`, `stream`, `sequence`, `trace` and `sum`, and padding. It shares no line with the driver's own reader and writer
 * (JSON.parse instead of positions, zlib's CRC-32 instead of a table), so an error that both make would have to be made
 * twice.
 */
import { crc32 } from 'node:zlib';

/** The fields of a message, as they are written. */
export interface Fields {
  readonly run: string;
  readonly stream: string;
  readonly sequence: string;
  readonly trace: string;
  readonly sum: string;
  readonly padding: string;
}

/** CRC-32 of the values exclusive-or CRC-32 of the padding, as eight hexadecimal digits. */
function sumOf({ run, stream, sequence, trace, padding }: Omit<Fields, 'sum'>): string {
  const sum = crc32(run + stream + sequence + trace) ^ crc32(padding);
  return (sum >>> 0).toString(16).padStart(8, '0');
}

/** The fields of a text, or null when it is no sound message. */
export function fieldsOf(text: string): Fields | null {
  const fields = JSON.parse(text) as Fields;
  return fields.sum === sumOf(fields) ? fields : null;
}

/** The message with some fields changed, and a sum that holds for them. */
export function forged(fields: Fields, changed: Partial<Omit<Fields, 'sum'>>): string {
  const { run, stream, sequence, trace, padding } = { ...fields, ...changed };
  const sum = sumOf({ run, stream, sequence, trace, padding });
  return JSON.stringify({ run, stream, sequence, trace, sum, padding });
}

/** The message with one character of one value changed, by a chance in [0, 1). What it is remains a JSON string. */
export function corrupted(text: string, fields: Fields, chance: number): string {
  const places = Object.values(fields).flatMap((value: string, field) => {
    const from = text.indexOf(`"${Object.keys(fields)[field]}":"`) + Object.keys(fields)[field]!.length + 4;
    return Array.from({ length: value.length }, (_, index) => from + index);
  });
  const at = places[Math.floor(chance * places.length)]!;
  const other = String.fromCharCode(text.charCodeAt(at) ^ 1);
  return text.slice(0, at) + other + text.slice(at + 1);
}
