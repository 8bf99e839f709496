/** A page outside a conversation: its contents in a card with the heading. */
import { conversationBody } from './parties.js'
import { page } from '../design/shell.js'
import type { Html } from '../../host/html.js'
import type { PlainResponse } from '../../protocol/http/message.js'

/** The response with such a page. One that only says what is wrong may be in a frame: nothing is decided on it. */
export const cardPage = (
  homePath: string,
  status: number,
  title: string,
  contents: Html,
  isFramed = status >= 400
): PlainResponse =>
  page({
    homePath,
    status,
    isFramed,
    title,
    heading: null,
    layout: 'talk',
    body: conversationBody({ client: null, userName: null }, title, contents)
  })
