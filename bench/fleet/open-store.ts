/** Opens a store by its URI. */
import { pathToFileURL } from 'node:url';
import { ConfigurationError } from '../model/failure.ts';
import type { Store } from './store.ts';

/** Opens the store at a URI, or in a directory. Throws {@link ConfigurationError}. */
export async function openStore(uri: string): Promise<Store> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'file') {
    const { FileStore } = await import('./store-file.ts');
    return new FileStore(scheme === undefined ? pathToFileURL(uri) : fileUrl(uri));
  }
  if (scheme === 's3') {
    const { openS3Store } = await import('./store-s3.ts');
    return openS3Store(uri);
  }
  throw new ConfigurationError([
    `store: ${uri} is neither file:///… nor s3://bucket/prefix, nor a directory`,
  ]);
}

function fileUrl(uri: string): URL {
  const url = new URL(uri);
  if (url.host === '' || url.host === 'localhost') return url;
  throw new ConfigurationError([
    `store: ${uri} names a host; a directory is file:///path, with three slashes`,
  ]);
}
