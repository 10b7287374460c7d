/// What lies at a path of a host, from the `host` line of `look`.
package struct HostFile: Sendable, Equatable {
  /// What it is, links followed.
  package enum Kind: String, Sendable { case none, file, directory, other }

  package let kind: Kind
  /// The path, or where a link there leads.
  package let path: String
  /// Permission bits; nil for what is no file.
  package let mode: Int?
  /// The numbers of its user and its group, as `1000:1000`.
  package let owner: String?
  /// How many names the file has.
  package let links: Int
  package let bytes: Int?
  /// The SHA-256 of the content, in hex; nil for what is no file, or cannot be read.
  package let digest: String?
  /// What else the file has that a new one would not: an ACL or extended attributes.
  package let more: String?

  /// Reads a `host` line.
  ///
  /// - Throws: `HostScriptError` naming the field that is missing or wrong.
  package init(_ line: HostLine) throws(HostScriptError) {
    guard line.kind == .host else { throw .malformedLine(line.text) }
    guard let kind = Kind(rawValue: try line.required("kind")) else { throw .badField("kind", line: line.text) }
    self.kind = kind
    path = try line.required("path")
    let bits = try line.required("mode")
    mode = Int(bits, radix: 8)
    if kind == .file, mode == nil { throw .badField("mode", line: line.text) }
    owner = kind == .file ? "\(try line.required("owner")):\(try line.required("group"))" : nil
    links = try line.integer("links") ?? 1
    bytes = try line.integer("bytes")
    digest = line["sha256"].flatMap { $0.isEmpty ? nil : $0 }
    more = line["more"].flatMap { $0.isEmpty ? nil : $0 }
  }
}
