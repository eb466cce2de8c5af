/** A template could not be rendered: one of its calls throws, or would need a part of Java that is not modelled. */
export class TemplateFailure extends Error {
  override readonly name = 'TemplateFailure';
}
