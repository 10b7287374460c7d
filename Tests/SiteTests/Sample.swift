import Approvals
import Fleet
import Journal
import PluginHost
import PrimitiveKit
import Runbooks
import Site

/// Sites to read in tests.
enum Sample {
  static let digest = "sha256:" + String(repeating: "0a", count: 32)

  static var table: [String: Value] {
    [
      "name": .string("lab"), "user": .string("ops"),
      "ssh": .table(["known_hosts": .string("kh"), "port": .int(2222), "connect_timeout": .number(2.5)]),
      "hosts": .array([
        .table([
          "name": .string("web[01-03]"), "address": .string("127.0.0.[1-3]"), "bots": .string("bot[1-6]"),
          "groups": .array([.string("front")]), "tags": .table(["role": .string("market maker"), "rack": .int(7)]),
        ]),
        .table([
          "name": .string("db"), "bots": .array([.string("bot7"), .string("bot9")]), "transport": .string("local"),
        ]),
        .table(["name": .string("spare")]),
      ]),
      "groups": .table(["low": .string("bot[1-3]"), "front": .string("db")]),
      "targets": .table(["staging": .string("web01")]),
      "images": .table(["v1": .table(["digest": .string(digest), "source": .string("v1.tar.gz")])]),
      "default_image": .string("v1"),
      "confirm": .table(["yes_allowed": .array([.string("routine")])]),
    ]
  }

  /// What domains read of a site.
  static let sections: [any SiteSection.Type] = [
    ApprovalSettings.self, FleetSettings.self, JournalSettings.self, PluginSettings.self, RunbookSettings.self,
    SystemSettings.self,
  ]

  static func site() throws -> Site { try Site(decoding: .table(table), sections: sections) }

  /// The sample with one host only, made of these fields.
  static func host(_ fields: [String: Value]) -> Value {
    var copy = table
    for key in ["groups", "targets", "confirm"] { copy[key] = nil }
    copy["hosts"] = .array([.table(fields)])
    return .table(copy)
  }
}
