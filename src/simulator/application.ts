import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { Account } from './account.ts';
import { SingleUseKeys } from './single-use-keys.ts';

/** The app that asks the simulated Box for tokens: each kind of grant is open to it, and every user is its to act for. */
export interface SimulatorApplication {
  /** What it calls itself. */
  readonly clientId: string;
  /** What proves it. */
  readonly clientSecret: string;
  /** The enterprise whose admin has authorized it. */
  readonly enterpriseId: string;
  /**
   * Makes a key pair for JWT, as a button of Box's Developer Console does.
   *
   * @returns the JSON that the console gives for download, and that Box's SDKs read.
   */
  generateKeypair(): string;
  /**
   * Has a user (by default the first one) grant access, as on Box's page.
   *
   * @returns the authorization code that the app gets, which is good once, and for 30 seconds.
   */
  authorize(userId?: string): string;
}

interface Surroundings {
  /** The account of a user, by default of the first one. */
  accountOf: (userId?: string) => Account;
  /** Milliseconds since 1970. */
  now: () => number;
}

const second = 1_000;
const day = 86_400 * second;

/** What Box knows of the app: its secret, its public keys, and what users have granted it. */
export class Application implements SimulatorApplication {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly enterpriseId: string;
  /** The public keys, by the id that Box gave them. */
  readonly publicKeys = new Map<string, KeyObject>();
  readonly codes: SingleUseKeys;
  readonly refreshTokens: SingleUseKeys;
  readonly #accountOf: Surroundings['accountOf'];

  constructor(
    {
      clientId = 'client-id-of-the-app',
      clientSecret = 'client-secret-of-the-app',
      enterpriseId = '1000001',
    }: Partial<Pick<SimulatorApplication, 'clientId' | 'clientSecret' | 'enterpriseId'>>,
    { accountOf, now }: Surroundings,
  ) {
    this.clientId = clientId;
    this.clientSecret = clientSecret;
    this.enterpriseId = enterpriseId;
    this.codes = new SingleUseKeys(30 * second, now);
    this.refreshTokens = new SingleUseKeys(60 * day, now);
    this.#accountOf = accountOf;
  }

  generateKeypair(): string {
    const passphrase = randomBytes(16).toString('hex');
    const publicKeyID = randomBytes(4).toString('hex');
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    this.publicKeys.set(publicKeyID, publicKey);
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
    return JSON.stringify({
      boxAppSettings: {
        clientID: this.clientId,
        clientSecret: this.clientSecret,
        appAuth: { publicKeyID, privateKey: String(pem), passphrase },
      },
      enterpriseID: this.enterpriseId,
    });
  }

  authorize(userId?: string): string {
    return this.codes.give(this.#accountOf(userId));
  }
}
