import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preparePython } from '../../../local/python.ts';
import { newIssuer } from '../../support/issuer.ts';

/** MiniStack's functions speak plain http to 127.0.0.1, whatever they are told: another address of this machine. */
const HOST = process.platform === 'linux' ? '127.0.0.2' : '::1';

/** A key and a certificate of that address that signs itself, good for a day. (Node makes no certificates.) */
const CERTIFICATE = `
import datetime, ipaddress, pathlib, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "amity-test")])
now, hour = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(hours=1)
made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
made = made.serial_number(x509.random_serial_number()).not_valid_before(now - hour).not_valid_after(now + 24 * hour)
made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(sys.argv[2]))]), False)
made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256())
pem = serialization.Encoding.PEM
folder = pathlib.Path(sys.argv[1])
folder.joinpath("certificate.pem").write_bytes(made.public_bytes(pem))
folder.joinpath("key.pem").write_bytes(
    key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
`;

/** An OpenID issuer over real https on this machine; and, as GitHub has it, an address that gives a job its token. */
export async function startIssuer() {
  const folder = mkdtempSync(join(tmpdir(), 'amity-issuer-'));
  execFileSync(await preparePython(), ['-c', CERTIFICATE, folder, HOST]);
  const certificate = join(folder, 'certificate.pem');
  const served = { down: false };
  const server = createServer(
    { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(certificate) },
    (request, response) => {
      const url = new URL(request.url ?? '/', issuer.address);
      const isJob = request.headers.authorization === 'Bearer of-this-job';
      const document =
        url.pathname === '/job-token' && isJob
          ? { value: issuer.token({ aud: url.searchParams.get('audience') }) }
          : issuer.documents.get(`${issuer.address}${url.pathname}`);
      response.statusCode = served.down ? 503 : document ? 200 : 404;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(document ?? {}));
    },
  );
  await new Promise<void>((listening) => {
    server.listen(0, HOST, listening);
  });
  const issuer = newIssuer(
    `https://${HOST.includes(':') ? `[${HOST}]` : HOST}:${(server.address() as AddressInfo).port}`,
  );
  return {
    issuer,
    /** What a client must trust: NODE_EXTRA_CA_CERTS, CURL_CA_BUNDLE. */
    certificate,
    served,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
