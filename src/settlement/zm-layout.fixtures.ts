// The lengths of a detail record's fields by layout, typed again from UnionPay's description, so that the table of the
// program is held against them and not against itself.
const common =
  'tradeCode 3 acqInsCode 11 sendInsCode 11 traceNo 6 txnTime 10 payCardNo 19 txnAmt 12 merCatCode 4 termType 2 queryId 21 oldPayType 2 ' +
  'orderId 32 payCardType 2 origTraceNo 6 origTradeTime 10 merCharge 13 settleAmt 13 payType 4 groupMerCode 15 txnType 2 txnSubType 2 ' +
  'bizType 6 accType 2 billType 4 billNo 32 interactMode 1 origQryId 21 merId 15 subAcctMode 1 subMerId 15 subMerAbbr 32 subMerAmt 13 ' +
  'netAmt 13 termId 8 merReserved 32 discountAmt 13 invoiceAmt 13 installCharge 12 installNum 2 tradeMedia 1 '

const pairs = (text: string): [name: string, bytes: number][] => {
  const words = text.trim().split(/ +/)
  return words.flatMap((word, place): [string, number][] => (place % 2 === 0 ? [[word, Number(words[place + 1])]] : []))
}
export const layoutBytes = {
  '2014': pairs(`${common} reserved 131`),
  '2017': pairs(`${common} reserved1 32 reserved2 98`),
  '2024': pairs(`${common} origOrderId 32 subsidyAmt 13 extraType 2 extraFlag 1 extraAmt 12 reserved 67`),
}
