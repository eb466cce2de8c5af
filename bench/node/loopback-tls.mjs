// TLS between this program and its own echo server, by a key that both are given when the server starts (RFC 8446 section
// 2.2). So there is no certificate, which Node can't make and which would have to be shipped, and with it a private key.
// What is measured is the record layer, which is the same with a certificate: only handshakes differ, and none is measured.
// @ts-check

/** What a client and API Gateway agree on where both know TLS 1.3. */
const SUITE = /** @type {const} */ ({ minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' });

const IDENTITY = 'calibration';

/** Bytes of a key, as the suite's cipher has them. */
export const KEY_BYTES = 16;

/**
 * Options of `tls.createServer`.
 * @param {string} key in hexadecimal
 * @returns {import('node:tls').TlsOptions}
 */
export function serverTls(key) {
  const psk = Buffer.from(key, 'hex');
  return { ...SUITE, pskCallback: (_, identity) => (identity === IDENTITY ? psk : null) };
}

/**
 * Options of `tls.connect`.
 * @param {string} key in hexadecimal
 * @returns {import('node:tls').ConnectionOptions}
 */
export function clientTls(key) {
  const psk = Buffer.from(key, 'hex');
  // Whoever has the key is the server; there is no name to check.
  return {
    ...SUITE,
    pskCallback: () => ({ psk, identity: IDENTITY }),
    checkServerIdentity: () => undefined,
  };
}
