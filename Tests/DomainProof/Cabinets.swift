import FoundationEssentials
package import PrimitiveKit

/// Where the labels of shelves are kept: a service that the domain brings itself.
package protocol Cabinet: Sendable {
  /// The label in a file; empty when there is none.
  func label(in file: String) async throws(CallFailure) -> Label
  func put(_ label: Label, in file: String) async throws(CallFailure)
}

package struct Label: RecordedAnswer, Equatable {
  package let text: String

  package func masked(by masks: Masks) -> Label { self }
}

package enum Cabinets: Service {
  package static let name = "cabinets"

  package static func reading(_ live: any Cabinet) -> any Cabinet { Drawer(base: live) }
  package static func recording(_ live: any Cabinet, in log: RecordingLog) -> any Cabinet {
    Drawer(base: live, log: log)
  }
  package static func replaying(_ log: ReplayLog) -> any Cabinet { Drawer(replay: log) }
  package static var absent: any Cabinet { Drawer() }

  /// The live form: files of this machine.
  package static var driver: ServiceDriver { ServiceDriver(Cabinets.self) { _ in Files() } }

  fileprivate static func question(_ file: String) -> ReadQuestion {
    ReadQuestion(of: "cabinet", summary: "label in \(file)", parts: ["file": Array(file.utf8)])
  }
}

private struct Files: Cabinet {
  func label(in file: String) async throws(CallFailure) -> Label {
    Label(text: FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? "")
  }

  func put(_ label: Label, in file: String) async throws(CallFailure) {
    do {
      try label.text.write(toFile: file, atomically: true, encoding: .utf8)
    } catch {
      throw CallFailure(.failed, code: "shelf.unwritable", message: "\(file) cannot be written: \(error)")
    }
  }
}

/// Every form that only reads: from the live one, into a recording, or out of one.
private struct Drawer: Cabinet {
  var base: (any Cabinet)?
  var log: RecordingLog?
  var replay: ReplayLog?

  func label(in file: String) async throws(CallFailure) -> Label {
    if let replay {
      do throws(MissingRead) {
        return try replay.answer(to: Cabinets.question(file), of: Cabinets.self)
      } catch {
        throw CallFailure(error)
      }
    }
    guard let base else { throw CallFailure(.unavailable, code: "shelf.absent", message: "there is no cabinet") }
    let place = log?.ask(Cabinets.question(file), of: Cabinets.self)
    let label = try await base.label(in: file)
    if let place { log?.answer(place, label) }
    return label
  }

  func put(_ label: Label, in file: String) async throws(CallFailure) {
    throw CallFailure(.refused, code: "shelf.read_only", message: "a dry run labels nothing")
  }
}
