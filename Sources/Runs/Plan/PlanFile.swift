import Foundation
import Foundations
package import PrimitiveKit

/// A plan on disk, with its hash so that an edit shows.
package struct PlanFile: Sendable, Codable {
  package let hash: String
  package let plan: Plan

  private struct Format: Decodable {
    struct Content: Decodable {
      let format: Int
    }

    let plan: Content
  }

  package init(_ plan: Plan) {
    self.plan = plan
    hash = plan.hash
  }

  /// Tells it from other files of the same plan; copies of a file have the same.
  package var id: String { SHA256(hashing: "\(hash) \(plan.madeAt) \(plan.seed ?? 0)".utf8).hex }

  /// Writes the file whole or not at all; throws `plan.file`.
  package func write(to path: String) throws(CallFailure) {
    let encoder = JSONEncoder.stable(.prettyPrinted)
    do {
      try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CallFailure(
        .invalid,
        code: "plan.file",
        message: "the plan cannot be written to \(path): \(error.localizedDescription)"
      )
    }
  }

  /// Reads a plan; throws `plan.file`, `plan.format` for one of a newer opsh, and `plan.edited`.
  package static func read(_ path: String) throws(CallFailure) -> PlanFile {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CallFailure(
        .invalid,
        code: "plan.file",
        message: "the plan \(path) cannot be read",
        hint: "write one with --plan-out FILE"
      )
    }
    // The format first: a newer one may hold what this opsh cannot read.
    let format = (try? JSONDecoder().decode(Format.self, from: data))?.plan.format
    if let format, format != Plan.currentFormat {
      throw CallFailure(
        .invalid,
        code: "plan.format",
        message: "\(path) has format \(format); this opsh reads format \(Plan.currentFormat)",
        hint: "make it again with --plan-out"
      )
    }
    let file: PlanFile
    do {
      file = try JSONDecoder().decode(PlanFile.self, from: data)
    } catch {
      throw CallFailure(
        .invalid,
        code: "plan.file",
        message: "\(path) is not a plan file, or is truncated",
        hint: "make it again with --plan-out"
      )
    }
    guard file.plan.hash == file.hash else {
      throw CallFailure(
        .invalid,
        code: "plan.edited",
        message: "\(path) was edited: its content does not have the hash \(file.hash.prefix(16))",
        hint: "make the plan again with --plan-out and give the arguments there"
      )
    }
    return file
  }
}
