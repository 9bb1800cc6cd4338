import Metrics
import ReID
import Testing

@Suite("Holding out people") struct HoldingOutTests {
    /// Person p of 1…20 has 3 images in camera 0 and p % 3 in camera 1.
    private let data = PersonDataset(
        name: "made up", root: "",
        train: (1...20).flatMap { person in
            (0..<3).map { PersonImage(path: "\(person)/0-\($0)", person: person, camera: 0) }
                + (0..<(person % 3)).map { PersonImage(path: "\(person)/1-\($0)", person: person, camera: 1) }
        },
        query: [PersonImage(path: "q", person: 99, camera: 0)],
        gallery: [PersonImage(path: "g", person: 99, camera: 1)])

    @Test("moves all images of the people, one query of each camera") func moves() {
        let held = data.holdingOut(people: 5, seed: 7)
        let people = Set(held.query.map(\.person))
        #expect(people.count == 5)
        #expect(people == Set(held.gallery.map(\.person)))
        #expect(Set(held.train.map(\.person)).isDisjoint(with: people))
        #expect(
            (held.train + held.query + held.gallery).map(\.path).sorted() == data.train.map(\.path).sorted())
        for person in people {
            #expect(held.query.filter { $0.person == person }.map(\.camera).sorted() == [0, 1])
        }
        #expect(held.query == held.query.sorted { $0.path < $1.path })
        #expect(held.trainLabels.max() == 14)
    }

    @Test("takes people who can be found again, all of them when fewer than asked for") func eligible() {
        // Of one camera: every third. The others: camera 0 has images left that a query of camera 1 finds.
        let held = data.holdingOut(people: 100, seed: 1)
        #expect(Set(held.query.map(\.person)) == Set((1...20).filter { $0 % 3 != 0 }))
        #expect(held.trainPeople == [3, 6, 9, 12, 15, 18])
    }

    @Test("the seed decides") func seeds() {
        let first = data.holdingOut(people: 5, seed: 3)
        let same = data.holdingOut(people: 5, seed: 3)
        #expect(first.query == same.query && first.gallery == same.gallery && first.train == same.train)
        let choices = Set((0..<8).map { Set(data.holdingOut(people: 5, seed: $0).query.map(\.person)) })
        #expect(choices.count > 4)
        let images = Set((0..<8).map { data.holdingOut(people: 100, seed: $0).query.map(\.path) })
        #expect(images.count > 4)
    }

    @Test("unknown cameras: one query a person, which may match any image") func unknown() {
        var data = data
        data.train = data.train.map { PersonImage(path: $0.path, person: $0.person, camera: -1) }
        let held = data.holdingOut(people: 20, seed: 1)
        #expect(held.query.map(\.person).sorted() == Array(1...20))
        let cameras = (held.querySightings.map(\.camera), held.gallerySightings.map(\.camera))
        #expect(Set(cameras.0).isDisjoint(with: cameras.1))
    }
}
