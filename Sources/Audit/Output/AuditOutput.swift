internal import FairpostJSON
package import FairpostText

extension AuditRun.Outcome {
  /// The tables in a form: csv, md, html, json, else for a terminal.
  package func bytes(_ format: String) throws -> [UInt8] {
    switch format {
    case "csv": AuditCSV.bytes(self)
    case "md": Array(AuditReport(self).page.markdown.utf8)
    case "html": Array(AuditReport(self).page.html.utf8)
    case "json": try AuditJSON.bytes(self)
    default: Array(AuditReport(self).page.plain().utf8)
    }
  }

  /// What people should know whatever the form is.
  package var words: [Message] {
    warnings + AuditReport.disagreements(self).map { Message($0) }
  }
}
