import Glibc
import PrimitiveKit
import Synchronization
import Testing

@testable import Console

/// What happens when nobody reads the output any more.
struct ReaderTests {
  @Test func `a full disk is told from a reader that has gone`() {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    let lost = FileOutput(full)
    lost.write("x")
    #expect(lost.loss?.problem == String(cString: strerror(ENOSPC)))
    #expect(lost.loss?.isTold == false)
    lost.onBroken { _ in }
    #expect(lost.loss?.isTold == true)
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    close(ends[0])
    signal(SIGPIPE, SIG_IGN)
    let left = FileOutput(ends[1])
    left.write("x")
    #expect(left.loss == nil)
    close(ends[1])
  }

  private struct Pipe {
    let reader: Int32
    let writer: Int32

    init() throws {
      var ends: [Int32] = [-1, -1]
      try #require(pipe(&ends) == 0)
      (reader, writer) = (ends[0], ends[1])
      signal(SIGPIPE, SIG_IGN)
    }
  }

  @Test func `a reader that leaves is noticed although nothing is written`() async throws {
    let pipe = try Pipe()
    let output = FileOutput(pipe.writer)
    let left = AsyncStream<Void>.makeStream()
    output.onBroken { problem in
      #expect(problem == nil, "a reader that leaves is no fault of this machine")
      left.continuation.yield()
      left.continuation.finish()
    }
    close(pipe.reader)
    var count = 0
    for await _ in left.stream { count += 1 }
    #expect(count == 1)
    output.ignoreBroken()
    close(pipe.writer)
  }

  @Test func `a reader that was gone before anybody asked is told of at once`() throws {
    let pipe = try Pipe()
    close(pipe.reader)
    let output = FileOutput(pipe.writer)
    output.write("nobody reads this\n")
    let count = Mutex(0)
    output.onBroken { _ in count.withLock { $0 += 1 } }
    output.write("nor this\n")
    #expect(count.withLock { $0 } == 1)
    close(pipe.writer)
  }

  @Test func `what cannot be written is no reader that has gone, and the reason is told`() throws {
    // Nothing can be written to what was opened to be read, as nothing can to a full disk.
    let file = open("/dev/null", O_RDONLY)
    defer { close(file) }
    let output = FileOutput(file)
    let told = Mutex<[String?]>([])
    output.onBroken { problem in told.withLock { $0.append(problem) } }
    output.write("gone\n")
    output.write("nor this\n")
    #expect(told.withLock { $0 } == ["Bad file descriptor"])
    // Whoever asks later hears the same.
    output.onBroken { problem in told.withLock { $0.append(problem) } }
    #expect(told.withLock { $0 } == ["Bad file descriptor", "Bad file descriptor"])
  }

  @Test func `what has no other side is not watched`() throws {
    let file = open("/dev/null", O_WRONLY)
    defer { close(file) }
    #expect(ReaderWatch(file) {} == nil)
  }

  @Test func `it is one press for what works then, and for whatever begins later`() async {
    let watch = InterruptWatch(Interruptions())
    let steps = Mutex<[InterruptLadder.Step]>([])
    let note: @Sendable (InterruptLadder.Step) -> Void = { step in steps.withLock { $0.append(step) } }
    await watch.during(note) {
      watch.desert()
      watch.desert()
    }
    #expect(steps.withLock { $0 } == [.cancel])
    #expect(watch.isDeserted)
    await watch.during(note) {}
    #expect(steps.withLock { $0 } == [.cancel, .cancel])
  }

  @Test func `what a runbook prints while it is planned says so`() {
    let (output, errors) = (Recorder(), Recorder())
    let dialogue = PlainDialogue(output: output, progress: errors, isQuiet: false, notes: NotedExit())
    let plain = PlainSurface(dialogue, output: output, errors: errors, printer: ValuePrinter([]))
    plain.planned("one\ntwo")
    plain.printed("one")
    #expect(output.lines == ["plan: one", "plan: two", "one"])
    let json = Recorder()
    JSONSurface(JSONDialogue(output: json, isQuiet: false, notes: NotedExit(), time: { 0 })).planned("one")
    #expect(json.lines == [#"{"event":"print","time":"1970-01-01T00:00:00.000Z","phase":"plan","text":"one"}"#])
  }
}
