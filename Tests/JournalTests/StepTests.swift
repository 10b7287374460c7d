import PrimitiveKit
import Testing

@testable import Journal

struct StepTests {
  let scratch = JournalScratch()

  @Test func `steps come in the order they first began, with how they ended`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    let failure = CallFailure(.failed, code: "host.failed", message: "no", hint: "look", trace: ["deploy.lua:7"])
    for path in ["pull", "swap", "verify", "report"] {
      try await journal.beginStep(run: "r1", path: path, argumentsHash: "h-\(path)", attempt: 1)
    }
    try await journal.endStep(run: "r1", path: "swap", end: .failed(failure))
    try await journal.endStep(run: "r1", path: "pull", end: .ok(.table(["count": .int(2), "ratio": .number(2)])))
    try await journal.endStep(run: "r1", path: "verify", end: .skipped(reason: "by anna"))
    let steps = try await journal.steps(of: "r1")
    #expect(steps.map(\.path) == ["pull", "swap", "verify", "report"])
    #expect(steps.map(\.state) == [.ok, .failed, .skipped, .open])
    #expect(steps[0].result == .table(["count": .int(2), "ratio": .number(2)]))
    #expect(steps[0].argumentsHash == "h-pull")
    #expect(steps[1].failure == failure)
    #expect(steps[2].reason == "by anna")
    #expect(steps[3].endedAt == nil)
  }

  @Test func `a step that is opened again forgets its end and keeps its place`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    for path in ["pull", "swap"] {
      try await journal.beginStep(run: "r1", path: path, argumentsHash: "h", attempt: 1)
      try await journal.endStep(run: "r1", path: path, end: .failed(CallFailure(.failed, code: "a.b", message: "no")))
    }
    try await journal.reopenStep(run: "r1", path: "pull")
    let step = try await journal.steps(of: "r1")[0]
    #expect(step.path == "pull")
    #expect(step.state == .open)
    #expect(step.attempt == 2)
    #expect(step.failure == nil)
    try await journal.beginStep(run: "r1", path: "pull", argumentsHash: "h2", attempt: 3)
    #expect(try await journal.steps(of: "r1").map(\.argumentsHash) == ["h2", "h"])
  }

  @Test func `a step that never began cannot end`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    let ended = await code { () async throws(CallFailure) in
      try await journal.endStep(run: "r1", path: "x", end: .ok(.null))
    }
    #expect(ended == "journal.failed")
    let opened = await code { () async throws(CallFailure) in try await journal.reopenStep(run: "r1", path: "x") }
    #expect(opened == "journal.failed")
  }

  @Test func `a failed step that a resume would try again is shown as the attempt that failed`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    let failure = CallFailure(.failed, code: "host.failed", message: "no room", hint: "look", trace: ["deploy.lua:7"])
    for path in ["pull", "swap"] {
      try await journal.beginStep(run: "r1", path: path, argumentsHash: "h", attempt: 2)
      scratch.advance(by: 5000)
      try await journal.endStep(run: "r1", path: path, end: .failed(failure))
      try await journal.reopenStep(run: "r1", path: path)
    }
    let ended = try await journal.endedSteps(of: "r1")
    #expect(ended.map(\.state) == [.failed, .failed])
    #expect(ended[0].failure == failure && ended[0].attempt == 2)
    #expect(ended[0].endedAt.map { $0 - ended[0].beganAt } == 5000)
    try await journal.beginStep(run: "r1", path: "swap", argumentsHash: "h", attempt: 3)
    #expect(try await journal.endedSteps(of: "r1").map(\.state) == [.failed, .open])
    #expect(try await journal.steps(of: "r1").map(\.state) == [.open, .open])
  }
}
