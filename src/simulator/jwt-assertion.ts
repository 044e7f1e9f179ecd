import { type KeyObject, verify } from 'node:crypto';
import type { Application } from './application.ts';

/** What an assertion says of itself: everything in it may be of any type, or missing. */
export type Claims = Readonly<Record<string, unknown>>;

const audience = 'https://api.box.com/oauth2/token';
const longestLife = 60_000;

/**
 * Reads the assertions of an app, and remembers them: each is good once.
 *
 * @see https://developer.box.com/guides/authentication/jwt/without-sdk
 */
export class JwtAssertions {
  /** When each that was used ends by itself: until then it could come again. */
  readonly #used = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What Box has against it, in Box's words; nothing when it is good. Uses it up. */
  flawOf(assertion: string, { publicKeys, clientId }: Application): string | undefined {
    const { header, claims, signed, signature } = split(assertion);
    const { kid } = header;
    if (kid !== undefined && !publicKeys.has(String(kid)))
      return '"kid" invalid, unable to lookup correct key';
    // An assertion need not say which of the app's keys signed it: Box's SDK 10 does not.
    const keys = kid === undefined ? publicKeys.values() : [publicKeys.get(String(kid))];
    const isSigned = (key: KeyObject | undefined) => key && isSignedBy(key, header.alg, signed, signature);
    if (![...keys].some(isSigned)) {
      return "Signature verification error. The public key identified by 'kid' must correspond to the private key used for signing.";
    }
    if (claims.iss !== clientId) return "Please check the 'iss' claim.";
    if (claims.aud !== audience) return "Please check the 'aud' claim.";
    return this.#flawOfTime(claims.exp) ?? this.#flawOfId(claims.jti, Number(claims.exp) * 1_000);
  }

  #flawOfTime(exp: unknown): string | undefined {
    if (typeof exp !== 'number') return "Please check the 'exp' claim.";
    const life = exp * 1_000 - this.#now();
    if (life <= 0)
      return "Current date/time MUST be before the expiration date/time listed in the 'exp' claim";
    return life > longestLife
      ? "Please check the 'exp' claim. The 'exp' value exceeds the maximum value of 60 seconds beyond the issue time."
      : undefined;
  }

  #flawOfId(jti: unknown, until: number): string | undefined {
    for (const [id, end] of this.#used) if (end <= this.#now()) this.#used.delete(id);
    if (typeof jti !== 'string' || jti.length < 16 || jti.length > 128 || this.#used.has(jti)) {
      return "Please check the 'jti' claim. A unique 'jti' value is required.";
    }
    this.#used.set(jti, until);
    return undefined;
  }
}

/** The claims of an assertion, whether or not it is good. */
export function claimsOf(assertion: string): Claims {
  return split(assertion).claims;
}

function split(assertion: string) {
  const [header = '', claims = '', signature = ''] = assertion.split('.');
  return {
    header: decode(header),
    claims: decode(claims),
    signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function decode(part: string): Claims {
  try {
    const decoded: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof decoded === 'object' && decoded !== null ? { ...decoded } : {};
  } catch {
    return {};
  }
}

function isSignedBy(key: KeyObject, algorithm: unknown, signed: Buffer, signature: Buffer): boolean {
  const [, bits] = /^RS(256|384|512)$/.exec(String(algorithm)) ?? [];
  return bits !== undefined && verify(`RSA-SHA${bits}`, signed, key, signature);
}
