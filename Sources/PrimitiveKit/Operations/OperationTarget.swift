/// What an operation acts on, and what must be held to do it.
///
/// A host is one kind among others; whatever undoes, folds, reports or audits operations goes by kind and name.
package struct OperationTarget: Sendable, Equatable, CustomStringConvertible {
  /// What sort of thing it is; domains add their own.
  package struct Kind: RawRepresentable, Sendable, Hashable, Codable {
    package static let host = Kind(rawValue: "host")
    package static let database = Kind(rawValue: "database")
    package static let endpoint = Kind(rawValue: "endpoint")
    /// A file of this machine; a file on a host is a part of the host.
    package static let file = Kind(rawValue: "file")

    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }
  }

  package let kind: Kind
  /// Which one, such as the name of the host.
  package let name: String
  /// What on it: bots, the path of a file, tables; nil for the whole.
  package let part: String?
  /// What a run must hold to change it; empty where there is nothing to lock.
  package let scopes: [LockScope]

  package init(kind: Kind, name: String, part: String? = nil, scopes: [LockScope]) {
    self.kind = kind
    self.name = name
    self.part = part
    self.scopes = scopes
  }

  package static func host(_ name: String) -> OperationTarget { .host(name, part: nil) }
  package static func bots(_ bots: [String], host: String) -> OperationTarget {
    .host(host, part: bots.joined(separator: ","))
  }
  package static func file(_ path: String, host: String) -> OperationTarget { .host(host, part: path) }
  package static func database(_ name: String, part: String? = nil) -> OperationTarget {
    OperationTarget(kind: .database, name: name, part: part, scopes: [LockScope(path: ["database", name])])
  }
  package static func endpoint(_ name: String, part: String? = nil) -> OperationTarget {
    OperationTarget(kind: .endpoint, name: name, part: part, scopes: [LockScope(path: ["endpoint", name])])
  }

  private static func host(_ name: String, part: String?) -> OperationTarget {
    OperationTarget(kind: .host, name: name, part: part, scopes: [LockScope(path: ["host", name])])
  }

  /// `web1`, `bot1,bot2 on web1`, `database rocky`: part of the names of operations in a journal, so it must not change.
  package var description: String { part.map { "\($0) on \(subject)" } ?? subject }

  /// What it acts on without the part: a host by its name, anything else with its kind.
  package var subject: String { kind == .host ? name : "\(kind.rawValue) \(name)" }

  /// The host it is on; nil for anything else.
  package var hostName: String? { kind == .host ? name : nil }
}

extension OperationTarget: Codable {
  private enum Field: String, CodingKey { case kind, name, part, scopes }

  package init(from decoder: any Decoder) throws {
    // A plan of format 1 has no more than the description, and everything was on a host.
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      let words = text.split(separator: " on ").map(String.init)
      self = .host(words.last ?? text, part: words.count < 2 ? nil : words.dropLast().joined(separator: " on "))
      return
    }
    let fields = try decoder.container(keyedBy: Field.self)
    guard fields.contains(.kind) else {
      self = try FirstSpelling(from: decoder).target
      return
    }
    kind = try fields.decode(Kind.self, forKey: .kind)
    name = try fields.decode(String.self, forKey: .name)
    part = try fields.decodeIfPresent(String.self, forKey: .part)
    scopes = try fields.decode([LockScope].self, forKey: .scopes)
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(kind, forKey: .kind)
    try fields.encode(name, forKey: .name)
    try fields.encodeIfPresent(part, forKey: .part)
    try fields.encode(scopes, forKey: .scopes)
  }

  /// How journals of schema 1 spell a target: everything was on a host.
  private enum FirstSpelling: Decodable {
    case host(String)
    case bots([String], host: String)
    case file(String, host: String)

    var target: OperationTarget {
      switch self {
      case .host(let host): .host(host)
      case .bots(let bots, let host): .bots(bots, host: host)
      case .file(let path, let host): .file(path, host: host)
      }
    }
  }
}

extension Sequence<OperationTarget> {
  /// What they act on, hosts folded: `web[001-003], database rocky`.
  package var folded: String {
    let hosts = Set(compactMap(\.hostName)).sorted()
    let rest = Set(filter { $0.kind != .host }.map(\.subject)).sorted()
    return ((hosts.isEmpty ? [] : [NameSet(names: hosts).folded]) + rest).joined(separator: ", ")
  }

  /// Each thing once, whatever part of it, in the order of the first.
  package var subjects: [String] {
    var seen: Set<String> = []
    return map(\.subject).filter { seen.insert($0).inserted }
  }
}
