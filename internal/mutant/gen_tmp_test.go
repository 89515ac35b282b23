package mutant
import ("testing";"fmt";"os";"encoding/json";"strconv")
func TestTmp(t *testing.T){
 n,_:=strconv.Atoi(os.Getenv("MN"))
 o:=Options{Root:"../..",Sample:n,Workers:2}
 if s:=os.Getenv("MSIDE");s!=""{o.Sides=[]Side{Side(s)}}
 if s:=os.Getenv("MW");s!=""{o.Workers,_=strconv.Atoi(s)}
 o.Progress=func(d,a int){ if d%50==0 {fmt.Fprintln(os.Stderr,d,a)}}
 r,err:=Run(t.Context(),o)
 if r!=nil{
 var rows []Row
 for _,x:=range r.Results{rows=append(rows,x.Row())}
 b,_:=json.Marshal(rows); os.WriteFile("/tmp/mut_"+os.Getenv("MSIDE")+".json",b,0o600)
 for _,y:=range r.Tallies(){fmt.Printf("%+v\n",y)}
 fmt.Println(r.Generated,r.Seconds)
 }
 if err!=nil{t.Fatal(err)}
}
