import Foundation
import Foundations
import PrimitiveKit

/// What a lab remembers about itself, in `lab.json`.
struct LabRecord: Codable, Sendable, Equatable {
  enum State: String, Codable, Sendable {
    case starting, up
  }

  var state: State
  /// The process that raises the lab, as `PID STARTTICKS`; it may still be at it.
  var starter: String
  var user: String
  var port: Int
  var loginAddress: String
  var hosts: [LabHost]
  var images: [Image]
  /// The system whose units run on its hosts; nil for a fleet of plain processes.
  var system: String?
  /// How long `up` took, in seconds.
  var seconds: Double

  func host(named name: String) throws(LabError) -> LabHost {
    if let host = hosts.first(where: { $0.name == name }) { return host }
    throw .unknownHost(name: name, nearest: NearestName.nearest(to: name, in: hosts.map(\.name)))
  }

  func text() throws -> String {
    let encoder = JSONEncoder.stable(.prettyPrinted)
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  static func read(_ layout: Layout) throws(LabError) -> LabRecord {
    guard let text = Files.read(layout.record) else { throw .noLab(directory: layout.root) }
    guard let record = try? JSONDecoder().decode(LabRecord.self, from: Data(text.utf8)) else {
      throw .leftOver(directory: layout.root)
    }
    return record
  }
}
