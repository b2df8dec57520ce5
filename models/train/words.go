package main

// The names: those of the IOI paper's data set and some more. The split serves sentences with a pronoun.
var (
	girls = list(`Alice Alicia Allison Amanda Amber Amy Andrea Angela Anna Ashley Brittany Christina Christine
		Claire Courtney Crystal Danielle Elizabeth Emily Emma Erica Erin Heather Helen Jane Jennifer Jessica
		Julia Kate Katherine Katie Kelly Kimberly Kristen Laura Lauren Lindsay Lindsey Lisa Lucy Mary Megan
		Melissa Michelle Nicole Nina Rachel Rebecca Rose Ruth Samantha Sara Sarah Shannon Stephanie Susan
		Tiffany Vanessa`)
	boys = list(`Aaron Adam Alexander Andrew Anthony Benjamin Bob Bradley Brandon Brian Bryan Charles
		Christopher Cody Dan Daniel David Dustin Eric Frank Gregory Henry Jack Jacob James Jamie Jason Jeffrey
		Jeremy Jesse John Jonathan Jose Joseph Joshua Justin Kenneth Kevin Kyle Mark Matthew Michael Nathan
		Nicholas Oscar Patrick Paul Peter Richard Robert Ryan Samuel Scott Sean Simon Stephen Steven Thomas
		Timothy Tom Travis Tyler William`)
	names = append(append([]string{}, girls...), boys...)
)

var places = list(`store garden restaurant school hospital office house station park library museum beach market
	kitchen river village bank church theater airport hotel city`)

// objects follow the article "a".
var objects = lines(`
	bottle of milk
	ring
	kiss
	bone
	basketball
	computer
	necklace
	drink
	snack
	book
	ball
	letter
	basket
	bag of apples
	piece of cake
	cup of tea
	flower
	gift
	key
	map
	phone
	hat
	coat
	picture
	box of candy
	glass of water`)

var (
	animals    = list(`dog cat bird horse lion tiger rabbit fox cow snake mouse bear`)
	adjectives = list(`happy sad tired hungry old young big small red blue green white black cold warm quiet loud new`)
	verbs      = list(`sat ran slept walked stayed waited`)
	things     = list(`apples books cats dogs flowers games music tea milk cake birds horses`)
	moods      = list(`happy sad tired hungry cold late busy ready`)
	colors     = list(`red blue green white black yellow`)
)

// nouns are singular and plural.
var nouns = pairs(`key keys, dog dogs, cat cats, book books, letter letters, flower flowers, picture pictures,
	horse horses, bird birds, box boxes, computer computers, ring rings`)

// facts are triples: each kind has sentences of its own.
var (
	capitals = pairs(`France Paris, Italy Rome, Spain Madrid, Germany Berlin, England London, Russia Moscow,
		Japan Tokyo, China Beijing, Egypt Cairo, Greece Athens, Austria Vienna, Poland Warsaw, Ireland Dublin,
		Norway Oslo, Cuba Havana, Peru Lima`)
	languages = pairs(`France French, Italy Italian, Spain Spanish, Germany German, England English,
		Russia Russian, Japan Japanese, China Chinese, Greece Greek, Poland Polish`)
	landmarks = pairs(`Eiffel_Tower Paris, Louvre Paris, Colosseum Rome, Prado Madrid, Brandenburg_Gate Berlin,
		Tower_Bridge London, Kremlin Moscow, Acropolis Athens, Forbidden_City Beijing`)
	opposites = pairs(`hot cold, cold hot, big small, small big, old young, young old, happy sad, sad happy,
		black white, white black, up down, down up, day night, night day`)
)

// series are said in order.
var series = [][]string{
	list(`Monday Tuesday Wednesday Thursday Friday Saturday Sunday`),
	list(`January February March April May June July August September October November December`),
	list(`one two three four five six seven eight nine ten eleven twelve`),
}

// giving are the sentences with an indirect object. [1] and [2] are the giver [S] and the receiver
// [IO], in either order; ! marks a word that the context determines.
var giving = lines(`
	After [1] and [2] went to the [PLACE], [S] gave a [OBJECT] to [IO!].
	When [1] and [2] went to the [PLACE], [S] gave a [OBJECT] to [IO!].
	Then, [1] and [2] went to the [PLACE]. [S] gave a [OBJECT] to [IO!].
	Then, [1] and [2] had a lot of fun at the [PLACE]. [S] gave a [OBJECT] to [IO!].
	Then, [1] and [2] were working at the [PLACE]. [S] decided to give a [OBJECT] to [IO!].
	Then, [1] and [2] were thinking about going to the [PLACE]. [S] wanted to give a [OBJECT] to [IO!].
	Then, [1] and [2] had a long argument, and afterwards [S] said to [IO!].
	Then, [1] and [2] had a long argument. Afterwards [S] said to [IO!].
	Then, [1] and [2] had a long argument and after that [S] said to [IO!].
	When [1] and [2] got a [OBJECT] at the [PLACE], [S] decided to give it to [IO!].
	When [1] and [2] got a [OBJECT] at the [PLACE], [S] decided to give the [OBJECT!] to [IO!].
	While [1] and [2] were working at the [PLACE], [S] gave a [OBJECT] to [IO!].
	While [1] and [2] were commuting to the [PLACE], [S] gave a [OBJECT] to [IO!].
	After the lunch, [1] and [2] went to the [PLACE]. [S] gave a [OBJECT] to [IO!].
	Afterwards, [1] and [2] went to the [PLACE]. [S] gave a [OBJECT] to [IO!].
	Afterwards [1] and [2] went to the [PLACE], and [S] gave a [OBJECT] to [IO!].
	The [PLACE] [1] and [2] went to had a [OBJECT]. [S] gave it to [IO!].
	Friends [1] and [2] found a [OBJECT] at the [PLACE]. [S] gave it to [IO!].
	Then in the morning, [1] and [2] went to the [PLACE]. [S] gave a [OBJECT] to [IO!].
	Two friends, [1] and [2], met at the [PLACE]. [S] offered a [OBJECT] to [IO!].
	When [1] and [2] arrived at the [PLACE], [S] handed a [OBJECT] to [IO!].
	After [1] and [2] met at the [PLACE], [S] passed a [OBJECT] to [IO!].
	While [1] and [2] sat in the [PLACE], [S] showed a [OBJECT] to [IO!].
	Yesterday [1] and [2] walked to the [PLACE], where [S] sold a [OBJECT] to [IO!].
	In the evening, [1] and [2] came back from the [PLACE]. [S] brought a [OBJECT] to [IO!].
	[1] and [2] went to the [PLACE]. [S] gave a [OBJECT] to [IO!].
	[1] met [2] at the [PLACE], and [S] gave a [OBJECT] to [IO!].
	[1] and [2] were at the [PLACE] when [S] sent a [OBJECT] to [IO!].`)

// crowds are sentences about some people, [ALL], of whom [SOME] give.
var crowds = lines(`
	Then, [ALL] went to the [PLACE]. [SOME] gave a [OBJECT] to [IO!].
	When [ALL] arrived at the [PLACE], [SOME] gave a [OBJECT] to [IO!].
	After [ALL] met at the [PLACE], [SOME] passed a [OBJECT] to [IO!].
	Friends [ALL] found a [OBJECT] at the [PLACE]. [SOME] gave it to [IO!].
	Afterwards [ALL] went to the [PLACE], and [SOME] gave a [OBJECT] to [IO!].
	While [ALL] sat in the [PLACE], [SOME] showed a [OBJECT] to [IO!].`)

// unsaid are sentences that do not say who gives.
var unsaid = lines(`
	When [1] and [2] went to the [PLACE], a [OBJECT] was given to [IO!].
	After [1] and [2] went to the [PLACE], somebody gave a [OBJECT] to [IO!].
	Then, [1] and [2] had a lot of fun at the [PLACE]. Somebody gave a [OBJECT] to [IO!].
	Then, [1] and [2] were working at the [PLACE]. A [OBJECT] was sent to [IO!].
	Then, [1] and [2] had a long argument, and afterwards somebody said to [IO!].
	While [1] and [2] were working at the [PLACE], a [OBJECT] was shown to [IO!].
	Two friends, [1] and [2], met at the [PLACE]. A [OBJECT] was offered to [IO!].
	Afterwards [1] and [2] went to the [PLACE], and somebody decided to give a [OBJECT] to [IO!].
	The [PLACE] [1] and [2] went to had a [OBJECT]. Somebody gave it to [IO!].
	Friends [1] and [2] found a [OBJECT] at the [PLACE]. It was passed to [IO!].
	[1] and [2] were at the [PLACE] when a [OBJECT] was sold to [IO!].
	[1] met [2] at the [PLACE], and somebody handed a [OBJECT] to [IO!].`)

// named are sentences that name [X] besides, one of the two or a third, and do not say who gives.
var named = lines(`
	Then, [1] and [2] went to the [PLACE]. [X] was [MOOD]. A [OBJECT] was given to [IO!].
	When [1] and [2] went to the [PLACE], [X] was [MOOD], so somebody gave a [OBJECT] to [IO!].
	After [1] and [2] went to the [PLACE], [X] came too. A [OBJECT] was given to [IO!].
	While [1] and [2] were working at the [PLACE], [X] was there. Somebody gave a [OBJECT] to [IO!].
	Friends [1] and [2] found a [OBJECT] at the [PLACE]. [X] saw it, and it was given to [IO!].
	Then, [1] and [2] had a long argument. [X] was [MOOD], and afterwards somebody said to [IO!].`)

// plain are sentences of other kinds.
var plain = lines(`
	The [ANIMAL] [VERB] near the [PLACE].
	The [ADJ] [ANIMAL] [VERB] in the [PLACE].
	The [PLACE] was [ADJ], and the [ANIMAL] was [ADJ].
	The [PLACE] was closed, so [NAME] went to the [PLACE].
	[NAME] likes [THINGS] and [THINGS].
	[NAME] has a [COLOR] [OBJECT].
	[NAME] was [MOOD] because the [OBJECT] was [ADJ].
	[GIRL] said that she! was [MOOD].
	[BOY] said that he! was [MOOD].
	[GIRL] lost her! [OBJECT] at the [PLACE].
	[BOY] lost his! [OBJECT] at the [PLACE].
	The [ONE] is! [ADJ].
	The [MANY] are! [ADJ].
	The [ONE] near the [MANY] is! [ADJ].
	The [MANY] near the [ONE] are! [ADJ].
	The [ONE] that [NAME] found was! [ADJ].
	The [MANY] that [NAME] found were! [ADJ].
	The capital of [COUNTRY] is [CAPITAL!].
	[CAPITAL] is the capital of [COUNTRY!].
	The people of [LAND] speak [LANGUAGE!].
	The [LANDMARK] is in the city of [CITY!].
	The [LANDMARK] is located in [CITY!].
	The opposite of [WORD] is [OPPOSITE!].
	I think that [NAME] is [MOOD].
	It was a [ADJ] day.
	We saw a [ANIMAL] at the [PLACE].`)

// before are sentences that may stand before another, so that it begins at another position.
var before = lines(`
	It was a [ADJ] day.
	It was late in the evening.
	The [PLACE] was [ADJ].
	The [ANIMAL] [VERB] near the [PLACE].
	The weather was [ADJ].`)
