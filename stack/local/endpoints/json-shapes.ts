/** Shapes as JSON text, for the protocols that carry them so. Timestamps are epoch seconds unless a schema says more. */
import { JsonCodec } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';

export interface JsonShapes {
  /** Rejects for what is not JSON. An empty text is an empty object. */
  read(schema: NormalizedSchema, text: string): Promise<unknown>;
  write(schema: NormalizedSchema, value: unknown): string;
}

/** `jsonName`: whether members go by the names that schemas give them for JSON, which is so in REST-JSON only. */
export function jsonShapes(jsonName: boolean): JsonShapes {
  const codec = new JsonCodec({
    timestampFormat: { useTrait: true, default: 7 },
    httpBindings: jsonName,
    jsonName,
  });
  return {
    read: async (schema, text) => {
      // The codec would read a list as a structure without members.
      if (schema.isStructSchema() && text !== '' && !text.trimStart().startsWith('{')) {
        throw new SyntaxError('JSON text of a structure does not begin with a brace');
      }
      return codec.createDeserializer().read(schema, text === '' ? '{}' : text);
    },
    write: (schema, value) => {
      const serializer = codec.createSerializer();
      serializer.write(schema, value);
      return serializer.flush();
    },
  };
}
