// A module imported with ?load=N imports those of the project with it too, so that all of them are evaluated again.
// @ts-check

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  const [load] = /\?load=\d+$/.exec(context.parentURL ?? '') ?? [];
  const isOurs = resolved.url.startsWith('file:') && !resolved.url.includes('/node_modules/');
  return load !== undefined && isOurs && !resolved.url.includes('?')
    ? { ...resolved, url: resolved.url + load }
    : resolved;
}
