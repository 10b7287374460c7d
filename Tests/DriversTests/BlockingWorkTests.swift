import Dispatch
import Drivers
import Foundation
import PrimitiveKit
import Testing

@Suite(.timeLimit(.minutes(1)))
struct BlockingWorkTests {
  @Test func `work that blocks takes no thread from others`() async throws {
    let gate = DispatchSemaphore(value: 0)
    let count = ProcessInfo.processInfo.activeProcessorCount * 4
    let done = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<count {
        group.addTask {
          try await BlockingWork<Int>.run(isLook: false) { (_) throws(CallFailure) in
            gate.wait()
            return 1
          }
        }
      }
      // Where the others hold all threads this never comes to run.
      group.addTask {
        for _ in 0..<count { gate.signal() }
        return 0
      }
      return try await group.reduce(0, +)
    }
    #expect(done == count)
  }

  @Test func `a look that hangs is left when it is cancelled, a change is waited for`() async throws {
    let gate = DispatchSemaphore(value: 0)
    for isLook in [true, false] {
      let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
      let work = Task {
        try await BlockingWork<Bool>.run(isLook: isLook) { (work) throws(CallFailure) in
          beginning.yield()
          gate.wait()
          return work.isCancelled
        }
      }
      for await _ in begun { break }
      work.cancel()
      if isLook {
        let failure = await #expect(throws: CallFailure.self) { try await work.value }
        #expect(failure?.isGivenUp == true)
        gate.signal()
      } else {
        gate.signal()
        #expect(try await work.value)
      }
    }
  }

  @Test func `nothing begins that was cancelled before`() async throws {
    let work = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await BlockingWork<Bool>.run(isLook: false) { (_) throws(CallFailure) in
        Issue.record("it began")
        return true
      }
    }
    await #expect(throws: CallFailure.self) { try await work.value }
  }
}
