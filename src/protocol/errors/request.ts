/** The refusals that do not depend on the kind of request. See `refusal.ts`. */
import type { RefusalRows } from './refusal.js'

/** The refusals that do not depend on the kind of request. */
export const requestRefusals = {
  MethodNotAllowed: {
    error: 'invalid_request',
    status: 405,
    shown: ['page', 'token', 'resource'],
    description: 'This address does not answer that HTTP method.',
    advice: 'The client uses the wrong method; the Allow header of the answer names the right ones.',
    anchor: 'rfc6749#section-3.2'
  },
  BodyNotForm: {
    error: 'invalid_request',
    status: 400,
    shown: ['page', 'token'],
    description: 'The body must be application/x-www-form-urlencoded.',
    advice: 'The client sends JSON or another media type to an OAuth endpoint.',
    anchor: 'rfc6749#section-3.2'
  },
  BodyNotJson: {
    error: 'invalid_client_metadata',
    status: 400,
    shown: ['token'],
    description: 'The body must be a JSON object (application/json).',
    advice: 'The client registers with a form, or with broken JSON.',
    anchor: 'rfc7591#section-3.1'
  },
  BodyTooLarge: {
    error: 'invalid_request',
    status: 413,
    shown: ['page', 'token', 'resource'],
    description: 'The request is larger than this server reads.',
    advice: 'No honest request is that large; look at who sends it.',
    anchor: 'rfc6749#section-3.2'
  },
  BodyNotText: {
    error: 'invalid_request',
    status: 400,
    shown: ['page', 'token', 'resource'],
    description: 'The body is not UTF-8 text.',
    advice: 'Bytes that are not UTF-8 are an attempt to be read differently by two readers.',
    anchor: 'rfc6749#appendix-B'
  },
  BodyEncoded: {
    error: 'invalid_request',
    status: 415,
    shown: ['page', 'token', 'resource'],
    description: 'The body must come without a content coding.',
    advice:
      'The client compresses what it sends; Accept-Encoding of the answer says that it may not (RFC 9110, ' +
      'section 15.5.16).',
    anchor: 'rfc6749#section-3.2'
  },
  Overloaded: {
    error: 'temporarily_unavailable',
    status: 503,
    shown: ['page', 'token', 'resource'],
    description: 'The server has too much to do at the moment.',
    advice: 'The process shed the request; more processes, or a higher `requestsAtOnce`, serve more at a time.',
    anchor: 'rfc6749#section-4.1.2.1'
  },
  BodyIncomplete: {
    error: 'invalid_request',
    status: 400,
    shown: ['page', 'token', 'resource'],
    description: 'The body broke off.',
    advice: 'The connection ended before the whole body had come; nothing was done.',
    anchor: 'rfc6749#section-3.2'
  },
  BodyReadBefore: {
    error: 'server_error',
    status: 500,
    shown: ['page', 'token', 'resource'],
    description:
      'Other code on this server read the body before the SMART handler and did not keep its bytes. The handler must ' +
      'come before all body parsers, or the parser must keep the raw body.',
    advice: 'A body parser runs before the handler; the log of the process says how its framework keeps the raw body.',
    anchor: 'rfc6749#section-5.2'
  },
  ParametersUnreadable: {
    error: 'invalid_request',
    status: 400,
    shown: ['page', 'token'],
    description: 'A parameter is not UTF-8 text in form encoding.',
    advice: 'A percent sequence is broken or its bytes are not UTF-8.',
    anchor: 'rfc6749#appendix-B'
  },
  ParameterRepeated: {
    error: 'invalid_request',
    status: 400,
    shown: ['page', 'redirect', 'token'],
    description: 'A parameter that may occur once is repeated.',
    advice: 'Repeated parameters are a way to make two readers see two requests.',
    anchor: 'rfc6749#section-3.1'
  },
  ParameterInAddress: {
    error: 'invalid_request',
    status: 400,
    shown: ['page', 'redirect'],
    description: 'A request by POST has its parameters in the body, and none in the address.',
    advice:
      'The app sends a parameter in the query of a POST, perhaps another value of one that stands in the body too.',
    anchor: 'rfc6749#section-3.1'
  },
  NoSuchAddress: {
    error: 'invalid_request',
    status: 404,
    shown: ['page', 'token', 'resource'],
    description: 'There is nothing at this address.',
    advice: 'The client took an address from somewhere else than the discovery document.',
    anchor: 'rfc6749#section-3'
  }
} satisfies RefusalRows
