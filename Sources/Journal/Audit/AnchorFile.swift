/// The file that holds hashes of the audit chain a second time, one JSON object a line.
///
/// Whoever removes the newest records from the database can make the rest look whole; this file tells.
package struct AnchorFile: Sendable {
  package let path: String

  package init(path: String) { self.path = path }
}
