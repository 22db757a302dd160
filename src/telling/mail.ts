// Mail by SMTP. The server's last word is the proof; a refusal with 5xx is for good, one with 4xx asks to come again.
import { createTransport } from 'nodemailer'
import { saidOf, type Carried, type Carrier } from './carrier.ts'

export type MailSettings = {
  /** smtp://user:password@host:port or smtps://…; never logged. */
  url: string
  /** Whom it comes from: an address, or 'Name <address>'. */
  from: string
}

const connect_ms_max = 10_000
const socket_ms_max = 30_000

type SmtpError = Error & { code?: string; responseCode?: number; response?: string }

export function openMail({ url, from }: MailSettings): Carrier {
  const transport = createTransport({
    url, connectionTimeout: connect_ms_max, greetingTimeout: connect_ms_max, socketTimeout: socket_ms_max,
    disableFileAccess: true, disableUrlAccess: true,
    // A password never goes over a line anybody can read, unless it is this machine's own.
    requireTLS: sendsPassword(url),
  } as Parameters<typeof createTransport>[0])
  const domain = /@([^\s>]+)/.exec(from)?.[1] ?? 'localhost'
  return {
    async carry({ id, to, subject, text, attachment }) {
      try {
        const told = await transport.sendMail({
          from, to: { name: '', address: to }, subject, text,
          messageId: `<${id}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          ...(attachment ? { attachments: [{ filename: attachment.name, content: attachment.pdf, contentType: 'application/pdf' }] } : {}),
        })
        return { sent: true, proof: { messageId: told.messageId, response: saidOf(told.response) } }
      } catch (error) {
        return refusedBy(error as SmtpError)
      }
    },
    close: () => transport.close(),
  }
}

const isOnThisMachine = (host: string): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(host)
function sendsPassword(url: string): boolean {
  const { protocol, password, hostname } = new URL(url)
  return protocol === 'smtp:' && password !== '' && !isOnThisMachine(hostname)
}

function refusedBy({ code, responseCode, response }: SmtpError): Carried {
  const proof = { ...(responseCode === undefined ? {} : { status: responseCode }), ...(response === undefined ? {} : { response: saidOf(response) }) }
  const isFinal = responseCode !== undefined && responseCode >= 500
  if (code === 'EAUTH') return { sent: false, failure: 'mail_login_refused', isFinal: false, proof }
  if (code === 'ETIMEDOUT') return { sent: false, failure: 'timed_out', isFinal: false, proof }
  if (code === 'ETLS') return { sent: false, failure: 'tls_failed', isFinal: false, proof }
  if (code === 'EDNS') return { sent: false, failure: 'name_unknown', isFinal: false, proof }
  if (responseCode === undefined) return { sent: false, failure: 'unreachable', isFinal: false, proof }
  if (isFinal) return { sent: false, failure: code === 'EENVELOPE' ? 'recipient_refused' : 'mail_refused', isFinal, proof }
  return { sent: false, failure: 'mail_deferred', isFinal: false, proof }
}
