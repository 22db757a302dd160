// A status report as a terminal sends it.
type Sent = { tid?: string; serial?: string; state?: string; events?: readonly (readonly [at: string, result: string, action: string])[] }

export const catm001 = ({ tid = '66000001', serial = '0000290210015708', state = 'OPER', events = [] }: Sent = {}): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:catm.001.001.13"><StsRpt><Hdr><DwnldTrf>false</DwnldTrf><FrmtVrsn>12.0</FrmtVrsn><XchgId>1001</XchgId><CreDtTm>2026-09-01T09:59:58+08:00</CreDtTm><InitgPty><Id>${tid}</Id><Tp>OPOI</Tp><Issr>TMGT</Issr></InitgPty><RcptPty><Id>MTM001</Id><Tp>MTMG</Tp></RcptPty></Hdr>` +
  `<StsRpt><POIId><Id>${tid}</Id><Tp>OPOI</Tp><Issr>TMGT</Issr></POIId><TermnlMgrId><Id>MTM001</Id><Tp>MTMG</Tp></TermnlMgrId><DataSet><Id><Tp>STRP</Tp><CreDtTm>2026-09-01T09:59:58+08:00</CreDtTm></Id><Cntt>` +
  `<POICmpnt><Tp>SOFT</Tp><Id><SrlNb>1</SrlNb></Id></POICmpnt><POICmpnt><Tp>TERM</Tp><Id><PrvdrId>ACME</PrvdrId><Id>A90</Id><SrlNb>${serial}</SrlNb></Id><Sts><VrsnNb>1.0.3</VrsnNb><Sts>${state}</Sts></Sts></POICmpnt>` +
  `<AttndncCntxt>ATTD</AttndncCntxt><POIDtTm>2026-09-01T09:59:58+08:00</POIDtTm><DataSetReqrd><Id><Tp>MGTP</Tp></Id></DataSetReqrd>${events
    .map(([at, result, action]) => `<Evt><TmStmp>${at}</TmStmp><Rslt>${result}</Rslt><ActnId><ActnTp>${action}</ActnTp><DataSetId><Nm>TERMINAL</Nm><Tp>TRPR</Tp><Vrsn>1</Vrsn></DataSetId></ActnId><TermnlMgrId>MTM001</TermnlMgrId></Evt>`)
    .join('')}</Cntt></DataSet></StsRpt></StsRpt></Document>
`
