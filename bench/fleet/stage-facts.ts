/** A stage's facts as they travel in files: what the URL is matters, the rest is shown. */
import { z } from 'zod';

/** The stage's facts. What a newer version says beside them is kept. */
export const STAGE_FACTS = z.looseObject({
  kind: z.enum(['local', 'aws', 'url']),
  url: z.string(),
  name: z.string(),
  region: z.string().nullable(),
  parameters: z.record(z.string(), z.string()),
  profile: z.string().nullable(),
  notes: z.array(z.string()),
});
